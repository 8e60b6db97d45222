import contextlib
import sqlite3

import pytest

from emulators.firestore.adapters.sqlite.store import FILE, SqliteStore
from emulators.firestore.model import paths
from emulators.firestore.model.fields import NAME
from emulators.firestore.model.plan import Index, parse_index
from emulators.firestore.model.protocol import Document, Value
from emulators.firestore.model.query import Order
from emulators.firestore.model.rows import Change, PriorVersion, Receipt

DATABASE = "projects/p/databases/d"
COLLECTION = paths.key(("c",))
BY_AGE = Index((), None, (Order(("age",), descending=False), Order(NAME, descending=False)))


def key(name, collection="c"):
    return paths.key((collection, name))


def body(age):
    return Document(fields={"age": Value(integer_value=age)}).SerializeToString()


def put(store, time, **ages):
    changes = [
        Change(key(name), store.get(DATABASE, key(name)), None if age is None else body(age))
        for name, age in sorted(ages.items())
    ]
    store.commit(DATABASE, time, changes)


def names(rows):
    return [paths.segments_of(row[-2])[-1] for row in rows]


def everything(store, interval=(COLLECTION, None), limit=10, *, reverse=False):
    return names(store.page(DATABASE, COLLECTION, interval, limit, reverse=reverse))


def by_age(store, limit=10, interval=(b"", None)):
    return names(store.index_page(DATABASE, COLLECTION, BY_AGE, interval, limit))


def test_an_unknown_database_is_empty(store):
    assert store.databases() == []
    assert store.last_commit(DATABASE) == 0
    assert store.get(DATABASE, key("a")) is None
    assert everything(store) == []
    assert by_age(store) == []
    assert list(store.since(DATABASE, 0)) == []
    assert not store.holds_more_than(DATABASE, COLLECTION, 0)


def test_documents_are_kept(store):
    put(store, 10, a=1, b=2)
    put(store, 20, a=None, b=3)
    assert store.get(DATABASE, key("a")) is None
    assert store.get(DATABASE, key("b")) == body(3)
    assert store.last_commit(DATABASE) == 20
    assert store.databases() == [DATABASE]


def test_databases_are_apart(store):
    put(store, 10, a=1)
    other = "projects/p/databases/other"
    assert store.get(other, key("a")) is None
    assert store.page(other, COLLECTION, (COLLECTION, None), 9, reverse=False) == []


def test_pages_are_sorted_and_bounded(store):
    put(store, 10, a=1, b=2, c=3, d=4)
    assert everything(store) == ["a", "b", "c", "d"]
    assert everything(store, reverse=True, limit=2) == ["d", "c"]
    assert everything(store, (key("b"), key("d"))) == ["b", "c"]
    assert everything(store, (key("b"), key("d")), 1, reverse=True) == ["c"]


def test_the_size_of_a_collection(store):
    put(store, 10, a=1, b=2)
    assert store.holds_more_than(DATABASE, COLLECTION, 1)
    assert not store.holds_more_than(DATABASE, COLLECTION, 2)


def test_collections_are_listed_in_an_interval(store):
    for time, name in enumerate(["x", "c", "b"], start=1):
        store.commit(DATABASE, time, [Change(key("d", name), None, body(1))])
    assert store.collections(DATABASE, (b"", None)) == [paths.key((n,)) for n in ("b", "c", "x")]
    assert store.collections(DATABASE, (paths.key(("c",)), paths.key(("x",)))) == [COLLECTION]


def test_the_past_says_what_was_replaced(store):
    put(store, 10, a=1)
    put(store, 20, a=2, b=1)
    put(store, 30, a=None)
    assert list(store.since(DATABASE, 10)) == [
        PriorVersion(20, key("a"), body(1)),
        PriorVersion(20, key("b"), None),
        PriorVersion(30, key("a"), body(2)),
    ]
    store.forget(DATABASE, 20)
    assert list(store.since(DATABASE, 0)) == [PriorVersion(30, key("a"), body(2))]


def test_the_past_of_a_key_and_of_an_interval(store):
    put(store, 10, a=1, c=1)
    put(store, 20, a=2, b=1)
    put(store, 30, a=None, c=2)
    assert store.first_after(DATABASE, 9, key("a")) == PriorVersion(10, key("a"), None)
    assert store.first_after(DATABASE, 10, key("a")) == PriorVersion(20, key("a"), body(1))
    assert store.first_after(DATABASE, 20, key("a")) == PriorVersion(30, key("a"), body(2))
    assert store.first_after(DATABASE, 30, key("a")) is None
    assert store.first_after("projects/p/databases/other", 9, key("a")) is None
    assert list(store.first_of_each_after(DATABASE, 10, (key("a"), key("c")))) == [
        PriorVersion(20, key("a"), body(1)),
        PriorVersion(20, key("b"), None),
    ]
    assert list(store.first_of_each_after(DATABASE, 20, (key("b"), None))) == [
        PriorVersion(30, key("c"), body(1))
    ]
    assert len(list(store.since(DATABASE, 9, 2))) == 2


def test_the_newest_commit_is_known_when_its_past_is_forgotten(store):
    put(store, 10, a=1)
    store.forget(DATABASE, 10)
    assert store.last_commit(DATABASE) == 10


def test_a_file_knows_its_newest_commit(tmp_path):
    for time in (10, 20, 30):
        store = SqliteStore(tmp_path)
        if time == 20:
            store.commit(DATABASE, time, [])
        else:
            put(store, time, a=time)
        store.forget(DATABASE, time - 5)
        store.close()
        store = SqliteStore(tmp_path)
        assert store.last_commit(DATABASE) == time
        store.forget(DATABASE, time)
        store.close()
        store = SqliteStore(tmp_path)
        assert store.last_commit(DATABASE) == time
        store.close()


def test_a_receipt_is_kept_as_long_as_the_past(store):
    receipt = Receipt(b"t", b"request", b"answer")
    store.commit(DATABASE, 5, [Change(key("a"), None, body(1))], receipt)
    assert store.receipt(DATABASE, b"t") == receipt
    assert store.receipt(DATABASE, b"u") is None
    store.forget(DATABASE, 4)
    assert store.receipt(DATABASE, b"t") == receipt
    store.forget(DATABASE, 5)
    assert store.receipt(DATABASE, b"t") is None


def test_a_file_keeps_its_receipts(tmp_path):
    receipt = Receipt(b"t", b"request", b"answer")
    store = SqliteStore(tmp_path)
    store.commit(DATABASE, 5, [Change(key("a"), None, body(1))], receipt)
    store.close()
    store = SqliteStore(tmp_path)
    assert store.receipt(DATABASE, b"t") == receipt
    store.close()


def test_a_file_knows_the_reserved_time(tmp_path):
    store = SqliteStore(tmp_path)
    assert store.reserved() == 0
    store.reserve(10)
    store.reserve(20)
    store.close()
    store = SqliteStore(tmp_path)
    assert store.reserved() == 20
    assert store.databases() == []
    store.close()


def test_an_index_follows_every_change(store):
    put(store, 10, a=3, b=1)
    assert by_age(store) == ["b", "a"]
    put(store, 20, a=0, c=2)
    put(store, 30, b=None)
    assert by_age(store) == ["a", "c"]
    assert by_age(store, limit=1) == ["a"]


def test_documents_without_the_field_are_not_in_the_index(store):
    put(store, 10, a=1)
    store.commit(DATABASE, 20, [Change(key("b"), None, Document().SerializeToString())])
    assert by_age(store) == ["a"]


def test_an_index_describes_itself():
    index = Index((("a", "b"), ("c",)), ("d",), (Order(("e.f",), descending=True),))
    assert parse_index(index.describe()) == index


def test_a_file_keeps_documents_and_indexes(tmp_path):
    store = SqliteStore(tmp_path)
    put(store, 10, a=3, b=1)
    by_age(store)
    store.close()
    again = SqliteStore(tmp_path)
    put(again, 20, c=2)
    assert by_age(again) == ["b", "c", "a"]
    assert again.last_commit(DATABASE) == 20
    again.close()


def test_an_index_is_made_while_commits_go_on(store):
    ages = {f"d{number:04}": number for number in range(1200)}
    put(store, 1, **ages)
    changes: list[dict[str, int | None]] = [
        {"d0000": 5000, "d0001": None},
        {"d1100": 5001, "new": -1},
        {"d0700": 5002},
    ]
    for time, _ in enumerate(store.make_index(DATABASE, COLLECTION, BY_AGE), start=2):
        put(store, time, **changes.pop(0)) if changes else None
    for time, rest in enumerate(changes, start=9):
        put(store, time, **rest)
    assert store.has_index(DATABASE, COLLECTION, BY_AGE)
    found = by_age(store, limit=5000)
    expected = {**ages, "d0000": 5000, "d1100": 5001, "new": -1, "d0700": 5002}
    del expected["d0001"]
    assert found == sorted(expected, key=expected.__getitem__)


def test_an_index_that_was_cut_short_is_finished_later(tmp_path):
    store = SqliteStore(tmp_path)
    ages = {f"d{number:04}": number for number in range(1200)}
    put(store, 1, **ages)
    next(store.make_index(DATABASE, COLLECTION, BY_AGE))
    store.close()
    store = SqliteStore(tmp_path)
    put(store, 2, d0000=None)
    assert not store.has_index(DATABASE, COLLECTION, BY_AGE)
    assert by_age(store, limit=5000) == sorted(ages)[1:]
    assert store.has_index(DATABASE, COLLECTION, BY_AGE)
    store.close()


def test_a_database_is_cleared(store):
    put(store, 1, a=1, b=2)
    by_age(store)
    assert store.clear(DATABASE, 2) == [key("a"), key("b")]
    assert everything(store) == by_age(store) == []
    assert [prior.key for prior in store.since(DATABASE, 1)] == [key("a"), key("b")]
    put(store, 3, a=7)
    assert by_age(store) == ["a"]


def test_an_index_that_is_dropped_while_it_is_made_begins_again(store):
    put(store, 1, **{f"d{number:04}": number for number in range(1200)})
    steps = store.make_index(DATABASE, COLLECTION, BY_AGE)
    next(steps, None)
    store.clear(DATABASE, 2)
    put(store, 3, a=1)
    list(steps)
    assert by_age(store) == ["a"]


def test_a_file_of_the_version_before_is_brought_up(tmp_path):
    store = SqliteStore(tmp_path)
    put(store, 1, a=1)
    by_age(store)
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("ALTER TABLE field_index DROP COLUMN complete")
        connection.execute("PRAGMA user_version = 1")
    store = SqliteStore(tmp_path)
    assert by_age(store) == ["a"]
    store.close()


def test_a_file_of_version_2_is_brought_up(tmp_path):
    """It has each commit's time in `database`, and no index of the past."""
    store = SqliteStore(tmp_path)
    put(store, 1, a=1)
    put(store, 2, a=2, b=1)
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as connection:
        for name in ("TABLE clock", "TABLE staged", "TABLE receipt", "INDEX past_of_key"):
            connection.execute(f"DROP {name}")
        connection.execute("UPDATE database SET last_commit = 2")
        connection.execute("PRAGMA user_version = 2")
        connection.commit()
    store = SqliteStore(tmp_path)
    assert store.last_commit(DATABASE) == 2
    assert store.first_after(DATABASE, 1, key("a")) == PriorVersion(2, key("a"), body(1))
    assert by_age(store) == ["b", "a"]
    put(store, 3, b=None)
    assert store.last_commit(DATABASE) == 3
    store.close()


def test_a_failed_commit_leaves_nothing(tmp_path):
    store = SqliteStore(tmp_path)
    with pytest.raises(sqlite3.IntegrityError):
        store.commit(
            DATABASE, 10, [Change(key("a"), None, body(1)), Change(key("a"), None, body(2))]
        )
    assert store.databases() == []
    put(store, 20, a=1)
    assert store.get(DATABASE, key("a")) == body(1)
    store.close()


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(ValueError, match="version 99"):
        SqliteStore(tmp_path)
