"""What can be refused of a target before its data are there."""

import pytest

from functions.kit.contract.records.columns import Column
from functions.training.model.task import (
    UnsuitableData,
    check_kind,
    fewest_of_class,
    fewest_rows,
    label,
)


@pytest.mark.parametrize("kind", ["datetime", "date"])
def test_a_time_is_no_target(kind) -> None:
    with pytest.raises(UnsuitableData, match=f"'y' is a {kind}; choose"):
        check_kind(Column("y", kind))


@pytest.mark.parametrize("kind", ["text", "category", "boolean"])
def test_a_regression_needs_a_number(kind) -> None:
    with pytest.raises(UnsuitableData, match=f"of kind {kind}, not a number"):
        check_kind(Column("y", kind), "regression")
    check_kind(Column("y", kind), "binary")


def test_a_schema_of_one_level_is_refused() -> None:
    with pytest.raises(UnsuitableData, match="'only' in every row"):
        check_kind(Column("y", "category", levels=["only"]))


def test_how_many_rows_are_needed() -> None:
    assert (fewest_rows(5, 0.2), fewest_rows(2, 0.05)) == (25, 40)
    assert (fewest_of_class(5, 0.2), fewest_of_class(5, 0.05)) == (8, 7)


def test_labels_are_what_predictions_show() -> None:
    assert [label(one) for one in (True, False, 1.0, 1, 0.5, "a")] == (
        ["true", "false", "1", "1", "0.5", "a"]
    )
