"""Files of labels as Parquet: of a prediction that has several, the last that came counts."""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from functions.kit.adapters.stores.hourly_files import HourlyFiles
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Bucket
from functions.kit.lazy import Lazy
from functions.monitoring.adapters import parquet
from functions.monitoring.model.files import LABELS, LogFile, label_file, labels_of, read_path
from functions.monitoring.model.logged import Label

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = Lazy("pyarrow")

FEW = 4
"""Hours up to which the files of each are listed by themselves."""
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

    def read(self, model: Place, ids: Mapping[int, Collection[str]]) -> dict[str, Label]:
        """See LabelFiles; raises Away where files kept changing while they were read."""
        wanted = set(chain.from_iterable(ids.values()))
        for _ in range(_TRIES):
            try:
                return self._newest(self._of_hours(model, ids), wanted)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        raise Away("The labels kept changing while they were read; ask again.")

    def _of_hours(self, model: Place, hours: Collection[int]) -> list[LogFile]:
        """Return the files of some hours: of many, out of one list of all."""
        if len(hours) <= FEW:
            return [file for hour in hours for file in self.listed(labels_of(model, hour))]
        return [file for file in self.listed(labels_of(model)) if file.name.hour in hours]

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
