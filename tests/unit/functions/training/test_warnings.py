"""What is suspicious in data is said, and nothing else."""

from typing import Any

import numpy as np
import pytest

from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning import plan
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec

ROWS = 200
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=ROWS).round(3).tolist()
G = RANDOM.choice(["a", "b", "c"], ROWS).tolist()
Y = ["yes" if x > 0 or RANDOM.random() < 0.2 else "no" for x in RANDOM.permutation(X)]


def notes(y: Any = None, kind: Kind = "category", **more: tuple[Kind, list[Any]]) -> list[str]:
    columns = [Column("x", "number"), Column("g", "category")]
    columns += [Column(name, kind) for name, (kind, _) in more.items()]
    values = {"x": X, "g": G, **{name: found for name, (_, found) in more.items()}}
    rows = len(next(iter(more.values()))[1]) if more else ROWS
    values = {name: (found * 2)[:rows] for name, found in values.items()}
    target = (list(y if y is not None else Y) * 2)[:rows]
    table = Table([*columns, Column("y", kind)], {**values, "y": target})
    return plan.make(table, TrainingSpec("y")).notes


def test_nothing_is_said_of_data_that_are_as_they_should_be() -> None:
    assert notes() == []
    assert notes([x + RANDOM.normal() for x in X], "number") == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("category", Y),
        ("text", ["said " + one for one in Y]),
        ("number", [2.0 + (one == "yes") * (1 + RANDOM.random()) for one in Y]),
        ("integer", [-int(one == "yes") for one in Y]),
        ("boolean", [one == "no" for one in Y]),
        ("number", [None if place < 40 else float(one == "yes") for place, one in enumerate(Y)]),
    ],
)
def test_a_column_that_alone_predicts_the_class_is_named(kind: Kind, values: list[Any]) -> None:
    [said] = notes(leak=(kind, values))
    assert said.startswith("'leak' alone predicts 'y' almost perfectly")


def test_a_column_that_alone_predicts_the_number_is_named() -> None:
    y = RANDOM.normal(size=ROWS)
    [said] = notes(y, "number", leak=("number", (100 - 3 * y).tolist()))
    assert said.startswith("'leak' alone predicts 'y'")
    three = RANDOM.integers(0, 3, ROWS)
    [said] = notes(three.tolist(), "integer", leak=("integer", (three * 7).tolist()))
    assert said.startswith("'leak' alone predicts 'y'")


def test_names_and_rare_classes_are_no_leaks() -> None:
    assert notes(name=("text", [f"n{place}" for place in range(ROWS)])) == []
    rare = ["yes" if place < 10 else "no" for place in range(ROWS)]
    assert notes(rare) == []


def test_copies_are_counted() -> None:
    more: dict[str, Any] = {"z": ("number", (RANDOM.random(ROWS).tolist() * 2)[: ROWS + 30])}
    [said] = notes(**more)
    assert said == "30 rows are copies of others: they stay on one side of every split."


def test_copies_of_few_kinds_are_counted_too_and_split() -> None:
    """Kept together, there would be none to hold out."""
    pair = [1.5, 2.5] * (ROWS // 2)
    names = ("a", "b", "c", "d", "e", "f", "g")
    table = Table(
        [*(Column(one, "number") for one in names), Column("y", "category")],
        {**dict.fromkeys(names, pair), "y": ["lo", "hi"] * (ROWS // 2)},
    )
    made = plan.make(table, TrainingSpec("y"))
    assert made.held_out.target.tolist().count(0) == ROWS // 10
    assert made.notes[0].startswith("198 rows are copies of others: there are so few kinds")


def test_whole_numbers_that_no_float_holds_are_looked_at() -> None:
    whole = RANDOM.integers(2**62, 2**63 - 1, ROWS).tolist()
    assert notes(whole=("integer", whole)) == []


def test_words_that_differ_by_case_or_spaces_are_named() -> None:
    words = RANDOM.choice([" red", "red", "red ", "Red", "blue"], ROWS).tolist()
    [said] = notes(v=("category", words))
    assert said.startswith("In 'v', ' red', 'Red', 'red', 'red ' differ by case or spaces alone")


def test_so_are_labels() -> None:
    y = ["No" if one == "no" and place % 3 == 0 else one for place, one in enumerate(Y)]
    assert any("In 'y', 'No', 'no' differ" in one for one in notes(y))
