"""Files of activity as Parquet: the newest line first, so that a search reads from the front."""

import hashlib
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.accounts.adapters.activity.line_masks import mask
from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import FOLDER, LineFile, read_path
from functions.kit.adapters.stores.hourly_files import HourlyFiles
from functions.kit.contract.ports import Bucket
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import compute, parquet
else:
    pa = Lazy("pyarrow")
    compute = Lazy("pyarrow.compute")
    parquet = Lazy("pyarrow.parquet")

MEDIA_TYPE = "application/vnd.apache.parquet"
_NEWEST_FIRST = [("at", "descending"), ("batch", "descending"), ("index", "descending")]
_INTEGERS = ("index", "status", "elapsed", "rows")


class ParquetLines(HourlyFiles[LineFile]):
    """LineFiles in a bucket.

    Args:
        bucket: where the files are.
    """

    def __init__(self, bucket: Bucket) -> None:
        super().__init__(bucket, FOLDER, read_path)

    def write(self, file: LineFile, lines: Sequence[Kept]) -> None:
        """See LineFiles."""
        rows = sorted(lines, key=lambda line: line.order, reverse=True)
        plain = [msgspec.structs.asdict(row) for row in rows]
        self._store(file, pa.Table.from_pylist(plain, _schema()))

    def read(self, file: LineFile, filters: Filters, before: Key | None, most: int) -> list[Kept]:
        """See LineFiles."""
        table = self._table(file)
        meant = mask(table, filters, before)
        found = table if meant is None else table.filter(meant)
        return [Kept(**row) for row in _plain(found.slice(0, most))]

    def merge(self, files: Sequence[LineFile]) -> LineFile:
        """See LineFiles."""
        whole = pa.concat_tables([self._table(file) for file in files])
        table = _each_once(whole.sort_by(_NEWEST_FIRST))
        times = table["at"].cast(pa.int64())
        first, last = times[-1].as_py(), times[0].as_py()
        names = "".join(sorted(file.id for file in files)).encode()
        name = hashlib.sha256(names).hexdigest()[:32]
        merged = LineFile(files[0].workspace, files[0].hour, first, last, len(table), name)
        self._store(merged, table)
        return merged

    def _table(self, file: LineFile) -> "pa.Table":
        return _as_now(parquet.read_table(io.BytesIO(self._bucket.read(file.path))))

    def _store(self, file: LineFile, table: "pa.Table") -> None:
        to = io.BytesIO()
        parquet.write_table(table, to, compression="zstd")
        self._bucket.write(file.path, to.getvalue(), MEDIA_TYPE)


def _as_now(table: "pa.Table") -> "pa.Table":
    """Return lines with all the columns that there are now; earlier releases had fewer."""
    for field in _schema():
        if field.name not in table.column_names:
            table = table.append_column(field, pa.array([""] * len(table), field.type))
    return table


def _schema() -> "pa.Schema":
    def kind(name: str) -> "pa.DataType":
        if name == "at":
            return pa.timestamp("us", tz="UTC")
        return pa.int64() if name in _INTEGERS else pa.string()

    return pa.schema([(name, kind(name)) for name in Kept.__struct_fields__])


def _each_once(table: "pa.Table") -> "pa.Table":
    """Return sorted lines without those that are the same as the one before."""
    keys = [table[name].combine_chunks() for name, _ in _NEWEST_FIRST]
    others = [_differs(column) for column in keys]
    keep = compute.or_(compute.or_(others[0], others[1]), others[2])
    return table.filter(pa.concat_arrays([pa.array([True]), keep]))


def _differs(column: Any) -> Any:
    return compute.not_equal(column[1:], column[:-1])


def _plain(table: "pa.Table") -> list[dict[str, Any]]:
    times = table["at"].cast(pa.int64())
    plain = table.set_column(table.schema.get_field_index("at"), "at", times)
    rows: list[dict[str, Any]] = plain.to_pylist()
    return rows
