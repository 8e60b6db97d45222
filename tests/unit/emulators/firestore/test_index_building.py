"""An index is made in small steps, each between commits of others."""

import random
import sqlite3
from unittest import mock

import pytest

from emulators.firestore.adapters.sqlite import building
from emulators.firestore.adapters.sqlite.indexes import SqliteIndexes
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model import paths
from emulators.firestore.model.plan import Index
from emulators.firestore.model.protocol import Document, Value
from emulators.firestore.model.query import Order
from emulators.firestore.model.rows import Change

DATABASE = "projects/p/databases/d"
COLLECTION = paths.key(("c",))
BY_AGE = Index(
    (), None, (Order(("age",), descending=False), Order(("__name__",), descending=False))
)


def key(name):
    return paths.key(("c", name))


def body(age):
    if age is None:
        return None
    return Document(name=f"{DATABASE}/documents/c/x", fields={"age": Value(integer_value=age)})


def put(store, time, ages):
    changes = []
    for name, age in sorted(ages.items()):
        document = body(age)
        after = None if document is None else document.SerializeToString()
        changes.append(Change(key(name), store.get(DATABASE, key(name)), after))
    store.commit(DATABASE, time, changes)


def found(store):
    everything = (b"", None)
    page = store.index_page(DATABASE, COLLECTION, BY_AGE, everything, 10_000)
    return [paths.segments_of(one.key)[1] for one in page]


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path)
    with (
        mock.patch.object(building, "_READ_AT_A_TIME", 3),
        mock.patch.object(building, "_PUT_AT_A_TIME", 2),
        mock.patch.object(building, "_GATHERED", 7),
    ):
        yield store
    store.close()


@pytest.mark.parametrize("seed", range(20))
def test_it_has_what_every_commit_between_its_steps_left(store, seed):
    chance = random.Random(seed)
    names = [f"d{number:02}" for number in range(30)]
    ages = {name: chance.randrange(100) for name in names}
    put(store, 1, ages)
    for time, _ in enumerate(store.make_index(DATABASE, COLLECTION, BY_AGE), start=2):
        few = {chance.choice(names): chance.choice([None, *range(100)]) for _ in range(2)}
        put(store, time, few)
        ages |= few
    left = {name: age for name, age in ages.items() if age is not None}
    assert found(store) == sorted(left, key=lambda name: (left[name], name))


def test_a_commit_that_fails_between_its_steps_costs_no_entry(store):
    put(store, 1, {f"d{number:02}": number for number in range(30)})
    fails = mock.patch.object(SqliteIndexes, "add", side_effect=sqlite3.OperationalError)
    for step, _ in enumerate(store.make_index(DATABASE, COLLECTION, BY_AGE)):
        if step == 2:
            with fails, pytest.raises(sqlite3.OperationalError):
                put(store, 2, {f"d{number:02}": 99 for number in range(30)})
    assert found(store) == [f"d{number:02}" for number in range(30)]
