"""Files of predictions as Parquet: the newest first, so that a search reads from the front."""

import datetime as dt
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from functions.kit.adapters.stores.hourly_files import HourlyFiles
from functions.kit.contract.ports import Bucket
from functions.kit.contract.telemetry.hourly import Name
from functions.kit.lazy import Lazy
from functions.monitoring.adapters import parquet, tables
from functions.monitoring.adapters.tables import INPUT
from functions.monitoring.model.files import PREDICTIONS, LogFile, read_path
from functions.monitoring.model.logged import Filters, Key, Life, Logged

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import compute
else:
    pa = Lazy("pyarrow")
    compute = Lazy("pyarrow.compute")


class ParquetPredictions(HourlyFiles[LogFile]):
    """PredictionFiles in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket, PREDICTIONS, read_path)

    def write(self, file: LogFile, found: Sequence[Logged]) -> None:
        """See PredictionFiles."""
        newest_first = sorted(found, key=lambda one: one.order, reverse=True)
        parquet.store(self._bucket, file.path, tables.table_of(newest_first))

    def read(self, file: LogFile, filters: Filters, before: Key | None, most: int) -> list[Logged]:
        """See PredictionFiles."""
        found = self.meant(file, filters, before).slice(0, most)
        return tables.predictions_of(found, file.model)

    def meant(self, file: LogFile, filters: Filters, before: Key | None = None) -> "pa.Table":
        """Return the predictions of a file that are meant; raises FileNotFoundError."""
        table = parquet.load(self._bucket, file.path)
        masks = _masks(table, filters, before)
        return table.filter(reduce(compute.and_, masks)) if masks else table

    def ids(
        self, file: LogFile, column: str | None = None, life: Life | None = None
    ) -> list[tuple[str, Any]]:
        """See PredictionFiles."""
        table = self.meant(file, Filters(model=file.model, life=life))
        ids = table["id"].to_pylist()
        if column is None or f"{INPUT}{column}" not in table.column_names:
            return [(one, None) for one in ids]
        return list(zip(ids, table[f"{INPUT}{column}"].to_pylist(), strict=True))

    def written_since(self, prefix: str, when: dt.datetime) -> list[LogFile]:
        """See PredictionFiles."""
        written = [path for path, made in self._bucket.listed(prefix) if made >= when]
        return [file for file in map(read_path, written) if file is not None]

    def merge(self, files: Sequence[LogFile]) -> LogFile:
        """See HourFiles."""
        table = tables.joined([parquet.load(self._bucket, file.path) for file in files])
        times = table["at"].cast(pa.int64())
        first, last = times[-1].as_py(), times[0].as_py()
        name = parquet.name_of(file.name.id for file in files)
        merged = LogFile(files[0].folder, Name(first, last, len(table), name))
        parquet.store(self._bucket, merged.path, table)
        return merged


def _masks(table: "pa.Table", filters: Filters, before: Key | None) -> list[Any]:
    found = [compute.equal(table[name], value) for name, value in filters.exact]
    times = table["at"].cast(pa.int64())
    if filters.life is not None:
        found.append(_of_life(table, times, filters.life))
    if filters.since is not None:
        found.append(compute.greater_equal(times, filters.since))
    if filters.until is not None:
        found.append(compute.less(times, filters.until))
    if before is not None:
        same = compute.and_(compute.equal(times, before.at), compute.less(table["id"], before.id))
        found.append(compute.or_(compute.less(times, before.at), same))
    return found


def _of_life(table: "pa.Table", times: Any, life: Life) -> Any:
    """Return which lines are of a model's life, as Life.has tells of one."""
    late = compute.greater_equal(times, life.since)
    if "uid" not in table.column_names:
        return late
    uids = compute.fill_null(table["uid"], "")
    return compute.if_else(compute.equal(uids, ""), late, compute.equal(uids, life.uid))
