"""Tables of random rows, and the answers that plain Python gives about them."""

import datetime as dt
import functools
import io
import random
from collections.abc import Iterable, Sequence
from typing import Any

from functions.datasets.adapters.tables.arrow_table import ArrowTable
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model.dataset import Record, record_id
from functions.datasets.model.queries.order import Key, Mark
from functions.datasets.model.queries.query import Query
from functions.kit.contract.records.columns import Column

COLUMNS = [
    Column("n", "number"),
    Column("i", "integer"),
    Column("b", "boolean"),
    Column("c", "category"),
    Column("t", "text"),
    Column("d", "datetime"),
    Column("day", "date"),
]
NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
WORDS = ["red", "Red", "", "green ", "blaü", "redder", "x" * 99 + "a", "x" * 99 + "ab"]


def some_values(chance: random.Random) -> dict[str, Any]:
    """Return values of which many are missing, or the same as another row's."""
    made = {
        "n": chance.choice([0.0, -0.0, 1.5, -2.25, 1e300, chance.random()]),
        "i": chance.choice([0, 3, -7, 2**62, chance.randrange(5)]),
        "b": chance.random() < 0.5,
        "c": chance.choice(["low", "middle", "high"]),
        "t": chance.choice(WORDS) or None,
        "d": NOON + dt.timedelta(seconds=chance.randrange(4), microseconds=chance.randrange(2)),
        "day": NOON.date() + dt.timedelta(days=chance.randrange(4)),
    }
    return {name: None if chance.random() < 0.2 else value for name, value in made.items()}


def some_records(chance: random.Random, rows: Iterable[int], version: int = 1) -> list[Record]:
    """Return random records of these rows."""
    return [Record(record_id(row), version, some_values(chance)) for row in rows]


def table_of(
    records: Sequence[Record], columns: Sequence[Column] = COLUMNS, most: int = 2**30
) -> ArrowTable:
    """Return the table of some records, by way of a file."""
    return loaded(file_of(records, columns), most)


def file_of(records: Sequence[Record], columns: Sequence[Column] = COLUMNS) -> io.BytesIO:
    """Return a file with the table of some records, of revision 1."""
    file = io.BytesIO()
    with Tables(0).writer(file, columns, {"revision": 1}) as writer:
        writer.add(records)
    return file


def loaded(file: io.BytesIO, most: int = 2**30) -> ArrowTable:
    """Return the table that a file holds, of which so many bytes are kept in memory."""
    file.seek(0)
    return Tables(most).load(file)


def answer(
    records: Iterable[Record], query: Query, mark: Mark | None = None, most: int = 10**9
) -> list[Record]:
    """Return what a list has, decided record by record."""
    order = functools.cmp_to_key(functools.partial(_compared, query.keys))
    found = sorted((one for one in records if query.where.holds(one.values)), key=order)
    if mark is not None:
        found = [one for one in found if _is_behind(query.keys, one, mark)]
    return found[:most]


def _compared(keys: Sequence[Key], one: Record, other: Record) -> int:
    for key in keys:
        pair = [key.of(record.values[key.column.name]) for record in (one, other)]
        if (by := _one_by_one(*pair, descending=key.descending)) != 0:
            return by
    return int(one.id) - int(other.id)


def _one_by_one(one: Any, other: Any, *, descending: bool) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    by = (one > other) - (one < other)
    return -by if descending else by


def _is_behind(keys: Sequence[Key], record: Record, mark: Mark) -> bool:
    names = [key.column.name for key in keys]
    at = Record(record_id(mark.row), 1, dict(zip(names, mark.values, strict=True)))
    return _compared(keys, record, at) > 0
