"""Decisions about queries: made once for a shape, told once, recorded once."""

import json
import re

import pytest

from emulators.firestore.model.indexing.file import read
from emulators.firestore.model.indexing.refusal import MissingIndexError
from emulators.firestore.model.indexing.selection import Indexes
from emulators.firestore.service import index_mode
from emulators.firestore.service.catalog import Catalog
from emulators.firestore.service.index_mode import IndexMode
from tests.unit.emulators.firestore.declared import GROUP, C, compiled, equal, index, order, where

DATABASE = "projects/p/databases/(default)"


class Counting(Indexes):
    """Indexes that count how often they are asked."""

    asked = 0

    def serving(self, need):
        self.asked += 1
        return super().serving(need)


class Notes:
    """A recorder that keeps what it is told."""

    def __init__(self):
        self.seen = []

    def note(self, seen):
        self.seen += seen


def test_queries_of_a_shape_are_decided_once():
    indexes, notes = Counting([index("c a+ b+")]), Notes()
    mode = IndexMode(indexes, required=True, recorder=notes)
    for value in range(50):
        mode.check(DATABASE, compiled(order(where(C, ("a", "==", value)), "b+").limit(value + 1)))
    assert (indexes.asked, len(notes.seen)) == (1, 1)
    mode.check(DATABASE, compiled(where(C, ("a", "in", [1, 2, 3]))))
    mode.check(DATABASE, compiled(where(C, ("a", "in", [1]))))
    assert (indexes.asked, len(notes.seen)) == (2, 2)


@pytest.mark.parametrize(
    "other",
    [
        order(equal(C, "a"), "b-"),
        order(equal(C, "d"), "b+"),
        order(equal(GROUP, "a"), "b+"),
        order(where(C, ("a", ">", 1)), "a+", "b+"),
        order(where(C, ("a", "array_contains", 1)), "b+"),
        equal(C, "a", "b"),
    ],
)
def test_queries_of_another_shape_are_decided_apart(other):
    indexes = Counting([index("c a+ b+")])
    mode = IndexMode(indexes, required=False)
    mode.check(DATABASE, compiled(order(equal(C, "a"), "b+")))
    mode.check(DATABASE, compiled(other))
    assert indexes.asked == 2


def test_so_many_shapes_are_remembered(monkeypatch):
    monkeypatch.setattr(index_mode, "_SHAPES", 3)
    mode = IndexMode(Indexes(), required=True)
    for number in range(10):
        mode.check(DATABASE, compiled(equal(C, f"f{number}")))
    assert 1 <= len(mode._decisions) <= 3


def test_a_missing_index_is_logged_as_the_file_has_it(caplog):
    mode = IndexMode(Indexes(), required=False)
    for query in (order(equal(C, "a"), "b-"), equal(GROUP, "x"), C) * 2:
        mode.check(DATABASE, compiled(query))  # not required: not refused
    assert len(caplog.messages) == 2
    told = [
        re.fullmatch(r"a query needs in (\w+) of firestore.indexes.json: (.*)", one).groups()
        for one in caplog.messages
    ]
    assert [where for where, _ in told] == ["indexes", "fieldOverrides"]
    file = {"indexes": [], **{where: [json.loads(entry)] for where, entry in told}}
    pasted = IndexMode(read(json.dumps(file)), required=True)
    pasted.check(DATABASE, compiled(order(equal(C, "a"), "b-")))
    pasted.check(DATABASE, compiled(equal(GROUP, "x")))
    pasted.check(DATABASE, compiled(order(C, "x-")))  # the automatic ones are still there
    assert len(caplog.messages) == 2


def test_nothing_is_logged_where_it_is_only_recorded(caplog):
    IndexMode(Indexes(), required=False, told=False).check(
        DATABASE, compiled(order(equal(C, "a"), "b-"))
    )
    assert caplog.messages == []


def test_a_refusal_names_the_database_of_the_query():
    mode = IndexMode(Indexes(), required=True)
    query = compiled(order(equal(C, "a"), "b-"))
    for project in ("one", "two"):
        with pytest.raises(MissingIndexError, match=f"/project/{project}/firestore/"):
            mode.check(f"projects/{project}/databases/(default)", query)


def test_a_database_asks_nothing_where_the_mode_is_off(store):
    database = Catalog(store).get(DATABASE)
    assert database.index_mode is None
