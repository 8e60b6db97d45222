"""What a list may be asked for: conditions as JSON, orders, cursors; what cannot be is named."""

import base64
import json
import random
from typing import Any

import pytest

from functions.datasets.model.queries import order, query, where
from functions.datasets.model.queries.query import ALL, Asked
from functions.kit.contract.errors import Unreadable
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import cursor_after
from tests.support.rows.tables import COLUMNS, NOON, answer, some_records, table_of


def condition(column: Any, op: Any, *value: Any) -> dict[str, Any]:
    return {"column": column, "op": op, **({"value": value[0]} if value else {})}


def refused(found: Any) -> tuple[str, Unreadable]:
    text = found if isinstance(found, str) else json.dumps(found)
    with pytest.raises(Unreadable) as caught:
        where.read(text, COLUMNS)
    return caught.value.detail, caught.value


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("{", "where: it is not JSON"),
        ("[" * 100_000, "where: it is not JSON"),
        ([], 'where: {"column"'),
        ({"and": {}}, "where.and: a list of conditions is wanted"),
        ({"and": [], "or": []}, "where.and: a list of conditions is wanted, and nothing beside it"),
        ({"or": [condition("n", ">", 1), 7]}, "where.or[1]: "),
        (condition("size", "==", 1), "where.column: there is no column 'size'"),
        (condition(["n"], "==", 1), "where.column: there is no column"),
        (condition("n", "=~", 1), "where.op: one of these is wanted: == != <= >= < > contains"),
        (condition("n", "=="), "where: '==' needs a value"),
        (condition("n", "missing", 3), "where.value: 'missing' takes no value"),
        ({**condition("n", "==", 1), "not": 1}, "where: 'not' is not known"),
        (condition("n", "==", "1"), "where.value: the value does not fit column 'n', which is"),
        (condition("n", "==", True), "which is number"),
        (condition("n", "==", 10**400), "which is number"),
        (condition("i", "==", 1.5), "which is integer"),
        (condition("i", "==", 2**63), "which is integer"),
        (condition("b", "==", 1), "which is boolean"),
        (condition("b", ">", True), "> is for ordered values; use == or !="),
        (condition("n", "<", None), "< needs a value"),
        (condition("t", "==", 1), "which is text"),
        (condition("d", "<", "soon"), "which is datetime"),
        (condition("day", "<", "2026-02-30"), "which is date"),
        (condition("n", "contains", "1"), "'contains' is for text in a column of text or category"),
        (condition("t", "starts", 1), "'starts' is for text"),
        (condition("i", "in", 1), "where.value: a list of at most 1,000 values is wanted"),
        (condition("i", "in", list(range(1001))), "a list of at most 1,000 values is wanted"),
        (condition("i", "in", [1, "x"]), "which is integer"),
        ({"and": [condition("n", ">", 1)] * 101}, "where.and[100]: 100 conditions are the most"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_used_is_named_by_its_place(found: Any, told: str) -> None:
    detail, error = refused(found)
    assert detail.startswith("The query cannot be used: where")
    assert told in detail
    assert len(error.flaws) == 1


def test_conditions_are_nested_so_deep_at_most() -> None:
    deep: Any = condition("n", ">", 1)
    for _ in range(9):
        deep = {"or": [deep]}
    where.read(json.dumps(deep), COLUMNS)
    assert "nested 10 deep" in refused({"and": [deep]})[0]


def test_filters_and_conditions_hold_together() -> None:
    asked = Asked(("n>=1", "c==low"), json.dumps(condition("b", "==", True)))
    found = query.read(asked, COLUMNS)
    values: dict[str, Any] = {"n": 1.0, "c": "low", "b": True}
    assert found.where.holds(values)
    others: list[dict[str, Any]] = [{"n": 0.5}, {"c": "high"}, {"b": None}]
    for other in others:
        assert not found.where.holds({**values, **other})
    assert query.read(Asked(), COLUMNS).where == ALL


def test_an_order_names_its_columns() -> None:
    odd = [*COLUMNS, Column("a,b", "text"), Column("-c", "text")]
    keys = order.keys("-n, t", odd)
    assert [(key.column.name, key.descending) for key in keys] == [("n", True), ("t", False)]
    keys = order.keys('["-a,b", "-c"]', odd)
    assert [(key.column.name, key.descending) for key in keys] == [("a,b", True), ("-c", False)]
    assert order.keys(None, odd) == order.keys("", odd) == ()
    for text, told in (
        ("size", "there is no column 'size'"),
        ("n,-n", "a column is named twice"),
        ("[1]", "it is not a list of names in JSON"),
    ):
        with pytest.raises(Unreadable, match=f"sort: {told}"):
            order.keys(text, odd)


def test_a_cursor_says_where_it_was() -> None:
    keys = order.keys("-t,n,i,b,c,d,day", COLUMNS)
    values = {
        "n": 0.1,
        "i": 2**62,
        "b": None,
        "c": "ä",
        "t": "x" * 200,
        "d": NOON,
        "day": NOON.date(),
    }
    cursor = order.cursor_behind(keys, values, 7)
    mark = order.mark(cursor, keys)
    assert mark is not None
    assert mark.values == ("x" * 100, 0.1, 2**62, None, "ä", NOON, NOON.date())
    assert (mark.row, order.mark(None, keys)) == (7, None)
    plain = order.cursor_behind((), values, 7)
    assert (plain, order.mark(plain, ())) == (cursor_after("000000007"), order.Mark((), 7))


@pytest.mark.parametrize(
    "data",
    [b"x", b"[]", b'[["n"],[1,2],3]', b'[["n"],["x"],3]', b'[["n"],[1],-3]'],
)  # fmt: skip
def test_a_cursor_that_is_none_of_ours_is_refused(data: bytes) -> None:
    keys = order.keys("n", COLUMNS)
    with pytest.raises(Unreadable, match="The cursor is not one that this list gave"):
        order.mark(base64.urlsafe_b64encode(data).decode(), keys)
    for cursor in ("!", "ä", cursor_after("x"), cursor_after("9" * 10)):
        with pytest.raises(Unreadable, match="The cursor is not one"):
            order.mark(cursor, ())


def test_a_cursor_of_another_order_is_named() -> None:
    cursor = order.cursor_behind(order.keys("-n", COLUMNS), {"n": 1.0}, 3)
    with pytest.raises(Unreadable, match="it is of a list sorted by '-n'"):
        order.mark(cursor, order.keys("n", COLUMNS))


@pytest.mark.parametrize("sort", ["", "n,-t", "-d", "c"])
def test_pages_stay_right_while_records_are_changed(sort: str) -> None:
    """Each record that nobody touches is given once; one that is changed, where it is by then."""
    chance = random.Random(sort)
    records = {int(one.id): one for one in some_records(chance, range(1, 150))}
    table = table_of(list(records.values()))
    asked = query.read(Asked(sort=sort), COLUMNS)
    seen: list[int] = []
    touched: set[int] = set()
    cursor = None
    for revision in range(2, 1000):
        page = table.page(asked, order.mark(cursor, asked.keys), 10)
        assert page == answer(records.values(), asked, order.mark(cursor, asked.keys), 10)
        if not page:
            break
        seen += [int(one.id) for one in page]
        cursor = order.cursor_behind(asked.keys, page[-1].values, int(page[-1].id))
        put = some_records(chance, [*chance.sample(range(1, 150), 3), 200 + revision], revision)
        changed = {int(one.id) for one in put}
        gone = {*chance.sample(sorted(records), 2), int(page[-1].id)} - changed
        touched |= changed | gone
        table = table.changed(revision, put, gone, ())
        records = {row: one for row, one in records.items() if row not in gone}
        records |= {int(one.id): one for one in put}
    untouched = [row for row in seen if row not in touched]
    assert sorted(untouched) == sorted({*range(1, 150)} - touched)
