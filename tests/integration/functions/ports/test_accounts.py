"""Documents of accounts: the double in memory and Firestore keep the same promises."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from functions.accounts.adapters.firestore.database import FirestoreDatabase
from functions.accounts.adapters.memory.database import MemoryDatabase
from functions.accounts.service.ports import Database, Transaction

if TYPE_CHECKING:
    from functions.accounts.model.documents import Document

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "firestore"])
def database(request: pytest.FixtureRequest) -> Database:
    if request.param == "memory":
        return MemoryDatabase()
    request.getfixturevalue("emulators")
    return FirestoreDatabase()


@pytest.fixture
def things() -> str:
    """A collection that no other test uses."""
    return f"things-{uuid4().hex[:12]}"


def put(database: Database, path: str, **fields: object) -> None:
    database.transact(lambda change: change.set(path, fields))


def test_a_document_is_read_as_it_was_written(database: Database, things: str) -> None:
    fields = {"text": "x", "n": 1.5, "at": NOON, "none": None, "map": {"a-b": {"c": 1}}}
    put(database, f"{things}/a", **fields)
    found = database.get(f"{things}/a")
    assert found == fields
    assert type(found["at"]) is dt.datetime
    assert database.get(f"{things}/b") is None


def test_a_later_write_is_the_whole_document(database: Database, things: str) -> None:
    put(database, f"{things}/a", old=1)
    put(database, f"{things}/a", new=2)
    assert database.get(f"{things}/a") == {"new": 2}


def test_what_is_removed_is_gone_and_may_be_removed_again(database: Database, things: str) -> None:
    put(database, f"{things}/a", n=1)
    for _ in range(2):
        database.transact(lambda change: change.delete(f"{things}/a"))
    assert database.get(f"{things}/a") is None


def test_documents_are_found_by_one_field(database: Database, things: str) -> None:
    for name, whose in (("a", "ann"), ("b", "bob"), ("c", "ann")):
        put(database, f"{things}/{name}", whose=whose)
    wanted = {"a": {"whose": "ann"}, "c": {"whose": "ann"}}
    assert database.find(things, "whose", "ann") == wanted
    assert database.transact(lambda seen: seen.find(things, "whose", "ann")) == wanted
    assert database.find(things, "other", "ann") == {}


def test_pages_are_in_the_order_of_names(database: Database, things: str) -> None:
    for name in "cab":
        put(database, f"{things}/{name}", n=name)
    assert list(database.page(things, 2, None)) == ["a", "b"]
    assert list(database.page(things, 2, "b")) == ["c"]
    assert list(database.page(things, 2, "bb")) == ["c"]


def test_documents_are_found_by_the_time_in_a_field(database: Database, things: str) -> None:
    for name, hours in (("a", -1), ("b", 0), ("c", 1)):
        put(database, f"{things}/{name}", ends_at=NOON + dt.timedelta(hours=hours))
    put(database, f"{things}/d", other=NOON)
    assert sorted(database.until(things, "ends_at", NOON, 9)) == ["a", "b"]
    assert len(database.until(things, "ends_at", NOON, 1)) == 1
    assert database.until(things, "ends_at", NOON - dt.timedelta(days=1), 9) == []


def test_an_error_writes_nothing_and_is_the_callers(database: Database, things: str) -> None:
    def fail(change: Transaction) -> None:
        change.set(f"{things}/a", {"n": 1})
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        database.transact(fail)
    assert database.get(f"{things}/a") is None


def test_of_those_who_count_at_once_everyone_is_counted(database: Database, things: str) -> None:
    path = f"{things}/counter"

    def count(change: Transaction) -> int:
        found: Document = change.get(path) or {"n": 0}
        change.set(path, {"n": found["n"] + 1})
        return int(found["n"])

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda _: database.transact(count), range(12)))
    assert sorted(seen) == list(range(12))


def test_whoever_reads_after_a_write_is_told(database: Database, things: str) -> None:
    def work(change: Transaction) -> None:
        change.set(f"{things}/a", {"n": 1})
        change.get(f"{things}/a")

    with pytest.raises(Exception, match=r"read|Read"):
        database.transact(work)
