"""Which columns are used, and how."""

from typing import Any

import pytest

from functions.kit.contract.models.signature import Feature
from functions.kit.contract.records.columns import Column, Kind, Role
from functions.training.learning.preprocessing import recipe
from functions.training.learning.table import Table
from functions.training.model.task import UnsuitableData
from tests.support.in_memory.training import titanic

ROWS = 100


def written(kind: Kind, values: list[Any], name: str = "x") -> recipe.Recipe:
    """The recipe of one column beside a plain one and the target."""
    columns = [Column(name, kind), Column("plain", "boolean"), Column("y", "integer")]
    rows = {name: values, "plain": [True, False] * 50, "y": [0, 1] * 50}
    return recipe.write(Table(columns, rows), "y")


def spread(*counts: int) -> list[str]:
    """Texts "0", "1" … as often as told; the rest all different."""
    texts = [str(place) for place, count in enumerate(counts) for _ in range(count)]
    return texts + [f"different {n}" for n in range(ROWS - len(texts))]


@pytest.mark.parametrize(
    ("kind", "values", "used", "reason"),
    [
        ("number", [None] * ROWS, False, "empty"),
        ("number", [1.5] * ROWS, False, "always the same"),
        ("number", [1.5] * 50 + [None] * 50, True, "number, 50 gaps"),
        ("number", [float(n) for n in range(ROWS)], True, "number"),
        ("boolean", [True, False] * 50, True, "0 or 1"),
        ("integer", list(range(1, ROWS + 1)), False, "an id: it only counts the rows"),
        ("integer", [n * n for n in range(ROWS)], True, "number"),
        ("integer", [*range(ROWS - 1), 5], True, "number"),
        ("category", ["a"] * 60 + ["b"] * 40, True, "2 levels"),
        ("category", spread(50, 45), True, "2 levels, rarer ones as one (5 rows)"),
        (
            "text",
            [f"id{n}" for n in range(ROWS)],
            False,
            "a name or an id: 100 different texts in 100 rows",
        ),
        ("text", spread(), True, "words and pieces of words of 100 texts"),
        ("integer", list(range(1_700_000_000, 1_700_000_000 + ROWS)), True, "number"),
        ("text", spread(49), True, "words and pieces of words of 52 texts"),
        (
            "text",
            [None] * 60 + [f"C{n}" for n in range(40)],
            True,
            "whether there is one, and pieces of the 40 different texts",
        ),
        (
            "text",
            [None] * 4 + [f"C{n}" for n in range(96)],
            False,
            "a name or an id: 96 different texts in 96 rows",
        ),
    ],
)
def test_the_rule_for_one_column(kind: Kind, values: list[Any], used: bool, reason: str) -> None:
    found = written(kind, values)
    decision = found.decisions[0]
    assert (decision.column, decision.used, decision.reason) == ("x", used, reason)
    assert ({one.column for one in found.features} == {"x", "plain"}) is used


def test_a_category_is_one_input_of_words() -> None:
    [feature, _] = written("category", spread(20, 40, 30)).features
    assert feature == Feature("x", "x", "string")


def test_inputs_have_plain_and_unique_names() -> None:
    names = ["größe", "value", "x1", "x0", "a b", "ok_1"]
    columns = [Column(name, "number") for name in names] + [Column("y", "integer")]
    values: dict[str, list[Any]] = {name: [0.0, 1.0, 2.0] for name in names}
    found = recipe.write(Table(columns, {**values, "y": [0, 1, 0]}), "y")
    inputs = [one.input for one in found.features]
    assert inputs == ["x0_", "x1_", "x1", "x0", "x4", "ok_1"]
    assert len(set(inputs)) == len(inputs)


def test_a_column_that_is_not_used_may_hold_anything() -> None:
    columns = [
        Column("id", "category", required=True, levels=["a", "b", "c"]),
        Column("x", "number", required=True, minimum=0),
        Column("y", "integer", required=True),
    ]
    rows: dict[str, list[Any]] = {"id": ["a"] * 3, "x": [1.0, 2.0, 3.0], "y": [0, 1, 0]}
    found = recipe.write(Table(columns, rows), "y")
    assert found.columns == [Column("id", "category"), columns[1]]


def test_only_the_columns_asked_for_are_used() -> None:
    columns = [Column("id", "integer"), Column("x", "number"), Column("y", "integer")]
    rows: dict[str, list[Any]] = {"id": list(range(50)), "x": [0.5, 1.5] * 25, "y": [0, 1] * 25}
    found = recipe.write(Table(columns, rows), "y", ["id"])
    assert [one.column for one in found.features] == ["id"]
    assert found.decisions[1].reason == "not among the columns asked for"


def test_nothing_left_to_learn_from_is_refused() -> None:
    columns = [Column("x", "number"), Column("y", "integer")]
    with pytest.raises(UnsuitableData, match=r"No column can be learnt from \(x: always the same"):
        recipe.write(Table(columns, {"x": [1.0, 1.0], "y": [0, 1]}), "y")


def test_titanic() -> None:
    found = {one.column: one for one in recipe.write(titanic(), "survived").decisions}
    assert {name for name, one in found.items() if not one.used} == set()
    assert found["name"].reason.startswith("words and pieces of words")


def test_a_record_may_leave_out_prose_and_what_is_not_used() -> None:
    columns = [
        Column("note", "text", required=True),
        Column("constant", "number", required=True),
        Column("x", "number", required=True),
        Column("y", "integer", required=True),
    ]
    rows: dict[str, list[Any]] = {
        "note": [f"some words {n}" for n in range(50)],
        "constant": [1.0] * 50,
        "x": [0.5, 1.5] * 25,
        "y": [0, 1] * 25,
    }
    found = recipe.write(Table(columns, rows), "y")
    assert [column.required for column in found.columns] == [False, False, True]


@pytest.mark.parametrize(
    ("role", "asked", "used"),
    [
        ("feature", None, True),
        ("time", None, True),
        ("identifier", None, False),
        ("identifier", ["x"], True),
        ("ignore", None, False),
        ("group", ["x"], False),
        ("weight", ["x"], False),
    ],
)
def test_what_a_column_is_for_goes_first(role: Role, asked: list[str] | None, used: bool) -> None:
    columns = [Column("x", "number", role=role), Column("z", "number"), Column("y", "integer")]
    rows: dict[str, list[Any]] = {"x": [1.0, 2.0] * 5, "z": [3.0, 4.0] * 5, "y": [0, 1] * 5}
    only = None if asked is None else [*asked, "z"]
    for found in (
        recipe.write(Table(columns, rows), "y", only),
        recipe.write(
            Table([Column("x", "number"), *columns[1:]], rows), "y", only, roles={"x": role}
        ),
    ):
        assert found.decisions[0].used is used
        assert found.decisions[0].reason
