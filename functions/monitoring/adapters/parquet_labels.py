"""Files of labels as Parquet: of a prediction that has several, the last that came counts."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from functions.kit.adapters.hourly_files import HourlyFiles
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Bucket
from functions.kit.lazy import Lazy
from functions.monitoring.adapters import parquet
from functions.monitoring.model.files import LABELS, LogFile, label_file, read_path
from functions.monitoring.model.logged import Label

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Lazy("pyarrow")

_TRIES = 5


class ParquetLabels(HourlyFiles[LogFile]):
    """LabelFiles in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket, LABELS, read_path)

    def write(self, file: LogFile, labels: Mapping[str, str]) -> None:
        """See LabelFiles."""
        self._store(file, {one: Label(label, file.last) for one, label in labels.items()})

    def read(self, prefix: str, ids: Collection[str]) -> dict[str, Label]:
        """See LabelFiles; raises Away where files kept changing while they were read."""
        for _ in range(_TRIES):
            try:
                return self._newest(list(self.listed(prefix)), ids)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        raise Away("The labels kept changing while they were read; ask again.")

    def merge(self, files: Sequence[LogFile]) -> LogFile:
        """See HourFiles."""
        found, last = self._newest(files, None), max(file.last for file in files)
        name = parquet.name_of(file.name.id for file in files)
        merged = label_file(files[0].model, files[0].name.hour, last, len(found), name)
        self._store(merged, found)
        return merged

    def _newest(self, files: Sequence[LogFile], ids: Collection[str] | None) -> dict[str, Label]:
        found: dict[str, Label] = {}
        for file in sorted(files, key=lambda one: one.last):
            table = parquet.load(self._bucket, file.path)
            columns = (table[name].to_pylist() for name in ("id", "label", "at"))
            for one, label, at in zip(*columns, strict=True):
                known = found.get(one)
                if (ids is None or one in ids) and (known is None or known.at <= at):
                    found[one] = Label(label, at)
        return found

    def _store(self, file: LogFile, labels: Mapping[str, Label]) -> None:
        columns = {
            "id": pa.array(list(labels), pa.string()),
            "label": pa.array([one.label for one in labels.values()], pa.string()),
            "at": pa.array([one.at for one in labels.values()], pa.int64()),
        }
        parquet.store(self._bucket, file.path, pa.table(columns))
