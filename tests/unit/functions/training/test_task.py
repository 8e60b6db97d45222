"""What a target makes: the task, the labels, and what is refused."""

import datetime as dt
from typing import Any

import pytest

from functions.kit.contract.columns import Column, Kind
from functions.kit.contract.signature import Task
from functions.training.model.task import (
    Target,
    UnsuitableData,
    check_counts,
    check_kind,
    fewest_rows,
    understand,
)


@pytest.mark.parametrize(
    ("kind", "values", "task", "labels"),
    [
        ("integer", [0, 1, 1, 0], "binary", ["0", "1"]),
        ("number", [1.0, 2.0, 1.0], "binary", ["1", "2"]),
        ("number", [0.5, 1.5, 0.5], "binary", ["0.5", "1.5"]),
        ("boolean", [True, False, True], "binary", ["false", "true"]),
        ("category", ["yes", "no", "yes"], "binary", ["no", "yes"]),
        ("text", ["b", "a", "c", "a"], "multiclass", ["a", "b", "c"]),
        ("integer", [10, 9, 2, 10], "multiclass", ["2", "9", "10"]),
        ("integer", [*range(11), 3], "regression", []),
        ("number", [1.0, 2.0, 3.0], "regression", []),
    ],
)
def test_the_kind_and_the_values_decide(
    kind: Kind, values: list[Any], task: Task, labels: list[str]
) -> None:
    found = understand(Column("y", kind), values)
    assert (found.task, found.labels) == (task, labels)


def test_values_become_places_of_their_labels() -> None:
    found = understand(Column("y", "category"), ["yes", "no", "no"])
    assert found.values == [1.0, 0.0, 0.0]
    assert understand(Column("y", "number"), [2.0, 1.5, 4.0]).values == [2.0, 1.5, 4.0]


def test_the_positive_label_is_the_last() -> None:
    found = understand(Column("y", "category"), ["yes", "no", "no"], positive="no")
    assert found.labels == ["yes", "no"]
    assert found.values == [0.0, 1.0, 1.0]


def test_the_user_overrules() -> None:
    quality = [3, 4, 5, 5]
    assert understand(Column("y", "integer"), quality).task == "multiclass"
    assert understand(Column("y", "integer"), quality, task="regression").task == "regression"
    assert understand(Column("y", "number"), [0.1, 0.1, 3, 4], task="multiclass").task == (
        "multiclass"
    )


@pytest.mark.parametrize(
    ("kind", "values", "options", "reason"),
    [
        ("integer", [1, 1, 1], {}, "'y' is '1' in every row"),
        ("text", [], {}, "no value in any row"),
        ("text", ["a", "b", "c"], {}, "differs in all 3 rows"),
        ("text", [str(n // 2) for n in range(300)], {}, "150 different values"),
        ("datetime", [dt.datetime(2020, 1, 1, tzinfo=dt.UTC)], {}, "is a datetime"),
        ("category", ["a", "b", "a"], {"positive": "c"}, "no label 'c'; it has 'a', 'b'"),
        ("category", ["a", "b", "c", "a"], {"positive": "c"}, "two classes; 'y' has 3"),
        ("number", [1.0, 2.0, 3.0], {"positive": "1"}, "'y' is a quantity"),
        ("category", ["a", "b", "a"], {"task": "regression"}, "of kind category, not a number"),
        ("integer", [1, 2, 3, 3], {"task": "binary"}, "has 3 classes, not two"),
    ],
)
def test_what_cannot_be_learnt_is_refused_with_a_reason(
    kind: Kind, values: list[Any], options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnsuitableData, match=reason):
        understand(Column("y", kind), values, **options)


def test_prose_is_no_class() -> None:
    with pytest.raises(UnsuitableData, match="1,000 characters"):
        understand(Column("y", "text"), ["a" * 1000, "b", "b"])


def test_a_schema_of_one_level_is_refused_without_data() -> None:
    with pytest.raises(UnsuitableData, match="'only' in every row"):
        check_kind(Column("y", "category", levels=["only"]))


def test_each_class_must_fill_the_folds_and_the_held_out_part() -> None:
    column = Column("y", "category")
    enough = understand(column, ["a"] * 40 + ["b"] * 8)
    check_counts("y", enough, folds=5, holdout=0.2)
    rare = understand(column, ["a"] * 40 + ["b"] * 7)
    with pytest.raises(UnsuitableData, match=r"class 'b' of 'y' has only 7 rows.* at least 8"):
        check_counts("y", rare, folds=5, holdout=0.2)


def test_too_few_rows_are_refused() -> None:
    few = understand(Column("y", "number"), [float(n) for n in range(24)])
    assert fewest_rows(5, 0.2) == 25
    with pytest.raises(UnsuitableData, match="24 rows with a value of 'y' are too few"):
        check_counts("y", few, folds=5, holdout=0.2)


def test_one_row_is_not_rows() -> None:
    with pytest.raises(UnsuitableData, match=r"class 'b' of 'y' has only 1 row: 5 folds"):
        check_counts("y", understand(Column("y", "text"), ["a"] * 40 + ["b"]), folds=5, holdout=0.2)
    with pytest.raises(UnsuitableData, match=r"^1 row with a value of 'y' is too few"):
        check_counts("y", Target("regression", [], [1.0]), folds=5, holdout=0.2)
