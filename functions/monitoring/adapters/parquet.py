"""Parquet files in a bucket."""

import hashlib
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from functions.kit.contract.ports import Bucket
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    parquet = Lazy("pyarrow.parquet")

MEDIA_TYPE = "application/vnd.apache.parquet"


def load(bucket: Bucket, path: str) -> "pa.Table":
    """Return a file as a table; raises FileNotFoundError."""
    return parquet.read_table(io.BytesIO(bucket.read(path)))


def store(bucket: Bucket, path: str, table: "pa.Table") -> None:
    """Store a table; raises NoRoom."""
    to = io.BytesIO()
    parquet.write_table(table, to, compression="zstd")
    bucket.write(path, to.getvalue(), MEDIA_TYPE)


def name_of(ids: Iterable[str]) -> str:
    """Return an id that follows from those of what was merged."""
    return hashlib.sha256("".join(sorted(ids)).encode()).hexdigest()[:32]
