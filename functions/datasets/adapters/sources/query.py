"""Asks one query of one database, as a process of its own: it can be ended, whatever it waits for.

It reads an Ask as JSON, writes the rows to a file, and prints an Answer. PostgreSQL and SQLite give
Arrow (kept as Parquet), what SQLAlchemy knows gives rows (kept as JSON Lines).
"""

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from functions.datasets.adapters.bounds import MEMORY, bound

PART = 5_000
SECONDS = 600
"""Of processor time, beyond all that whoever runs it waits for."""
PARQUET, LINES = "parquet", "jsonl"


class Ask(msgspec.Struct):
    """A query.

    Attributes:
        driver: `postgresql` or `sqlite` by ADBC, else SQLAlchemy's name of one.
        url: of the database, with the password.
        query: what is asked.
        rows: the most that may come.
        size: bytes that the file may have at most.
        path: of the file.
    """

    driver: str
    url: str
    query: str
    rows: int
    size: int
    path: str


class Answer(msgspec.Struct):
    """How many rows came, or why none did."""

    rows: int = 0
    error: str = ""


NO_ROOM = f"it takes more than {MEMORY:,} bytes of memory; ask for fewer or shorter values"


class RefusedError(Exception):
    """The answer is not taken; the text says why."""


def main() -> None:
    """Answer one Ask."""
    bound(SECONDS)
    ask = msgspec.json.decode(sys.stdin.buffer.read(), type=Ask)
    try:
        answer = Answer(_by_adbc(ask) if ask.driver in {"postgresql", "sqlite"} else _by_rows(ask))
    except RefusedError as error:
        answer = Answer(error=str(error))
    except MemoryError:
        answer = Answer(error=NO_ROOM)
    except Exception as error:  # noqa: BLE001 - drivers have errors of their own; it is told
        answer = Answer(error=_told(error))
    sys.stdout.buffer.write(msgspec.json.encode(answer))


def _told(error: Exception) -> str:
    """Return what a driver says in one line; SQLAlchemy's errors hold that, and the query again."""
    said = getattr(error, "orig", None) or error
    return f"{type(said).__name__}: {' '.join(str(said).split())}"


def _by_adbc(ask: Ask) -> int:
    import pyarrow as pa  # noqa: PLC0415 - of these drivers alone
    import pyarrow.parquet as pq  # noqa: PLC0415 - of these drivers alone

    with _driver(ask.driver).connect(ask.url) as database, database.cursor() as cursor:
        cursor.execute(ask.query)
        reader = cursor.fetch_record_batch()
        schema = pa.schema([pa.field(one.name, _plain(one.type)) for one in reader.schema])
        with Path(ask.path).open("wb") as file, pq.ParquetWriter(file, schema) as out:
            rows = 0
            for batch in reader:
                rows += batch.num_rows
                table = pa.Table.from_batches([batch])
                columns = [
                    (one.cast(one.type.storage_type) if _is_opaque(one.type) else one).cast(kind)
                    for one, kind in zip(table.columns, schema.types, strict=True)
                ]
                out.write_table(pa.Table.from_arrays(columns, schema=schema))
                _check(ask, rows, file.tell())
        return rows


def _is_opaque(kind: Any) -> bool:
    """Tell whether it is of a type that Arrow has no word for: a driver's own, as text."""
    return hasattr(kind, "storage_type")


def _plain(kind: Any) -> Any:
    """Return the Arrow type in which values of a driver's type are kept."""
    import pyarrow as pa  # noqa: PLC0415 - of these drivers alone

    if getattr(kind, "type_name", "") == "numeric":
        return pa.float64()
    return kind.storage_type if _is_opaque(kind) else kind


def _driver(name: str) -> Any:
    if name == "sqlite":
        import adbc_driver_sqlite.dbapi as sqlite  # noqa: PLC0415 - of this driver alone

        return sqlite
    import adbc_driver_postgresql.dbapi as postgresql  # noqa: PLC0415 - of this driver alone

    return postgresql


def _by_rows(ask: Ask) -> int:
    import sqlalchemy  # noqa: PLC0415 - of these drivers alone

    engine = sqlalchemy.create_engine(ask.url)
    # It is never committed: what a query might change is taken back.
    with engine.connect() as database, Path(ask.path).open("wb") as file:
        found = database.execution_options(stream_results=True).execute(sqlalchemy.text(ask.query))
        _check_names(list(found.keys()))
        rows = 0
        for part in _parts(found.mappings()):
            rows += len(part)
            file.write(b"".join(_line(row) for row in part))
            _check(ask, rows, file.tell())
        return rows


def _parts(found: Any) -> Iterator[list[Any]]:
    while part := found.fetchmany(PART):
        yield part


def _check_names(names: list[str]) -> None:
    """Refuse columns of one name: a row holds but one of them."""
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise RefusedError(f"two columns are called '{min(twice)}'; name them apart by AS")


def _line(row: Any) -> bytes:
    return _lines.encode({name: _number(value) for name, value in dict(row).items()}) + b"\n"


def _number(value: Any) -> Any:
    """Return a value whose decimals, which are written digit for digit, are all numbers."""
    return None if isinstance(value, Decimal) and not value.is_finite() else value


_lines = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def _check(ask: Ask, rows: int, size: int) -> None:
    if rows > ask.rows:
        raise RefusedError(f"it gives more than {ask.rows:,} rows; add a LIMIT")
    if size > ask.size:
        raise RefusedError(f"it gives more than {ask.size:,} bytes; ask for less")


if __name__ == "__main__":
    main()
