import pytest

from functions.datasets.model.dataset import Record
from functions.datasets.model.schema import (
    check_rows,
    is_recast,
    merged,
    narrows,
)
from functions.kit.contract.errors import DomainError, Invalid
from functions.kit.contract.records.columns import Column

AGE = Column("age", "number", required=True)
SEX = Column("sex", "category")


def test_an_edit_takes_the_place_of_its_column():
    edit = Column("sex", "category", levels=["f", "m"])
    assert merged([AGE, SEX], [edit]) == [AGE, edit]


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (Column("size", "number"), "no such column"),
        (Column("sex", "category", minimum=0), "minimum and maximum are for"),
        (Column("age", "number", minimum=3, maximum=2), "greater than maximum"),
        (Column("age", "number", levels=["1"]), "levels are for category"),
        (Column("sex", "category", levels=[]), "levels are wanted"),
        (Column("sex", "category", levels=["a", "a"]), "different"),
        (Column("sex", "category", levels=[" "]), "not blank"),
    ],
)
def test_an_edit_that_cannot_be(edit, reason):
    with pytest.raises(DomainError) as caught:
        merged([AGE, SEX], [edit])
    assert isinstance(caught.value, Invalid)
    assert reason in caught.value.flaws[0].reason
    assert caught.value.flaws[0].column == edit.name


def test_levels_that_no_document_holds():
    levels = [f"{place}" + "x" * 400 for place in range(1000)]
    with pytest.raises(DomainError) as caught:
        merged([AGE, SEX], [Column("sex", "category", levels=levels)])
    assert isinstance(caught.value, Invalid)
    assert "300,000" in caught.value.detail


@pytest.mark.parametrize(
    ("old", "new", "narrower"),
    [
        (AGE, AGE, False),
        (AGE, Column("age", "number"), False),
        (Column("age", "number"), AGE, True),
        (AGE, Column("age", "integer"), True),
        (AGE, Column("age", "number", required=True, minimum=0), True),
        (Column("age", "number", minimum=0), Column("age", "number"), False),
        (SEX, Column("sex", "text"), False),
        (SEX, Column("sex", "category", levels=["f"]), True),
    ],
)
def test_which_edits_need_a_look_at_the_rows(old, new, narrower):
    assert narrows(old, new) is narrower


@pytest.mark.parametrize(
    ("old", "new", "recast"),
    [
        ("category", "text", False),
        ("integer", "number", False),
        ("integer", "category", True),
        ("boolean", "integer", True),
        ("text", "text", False),
    ],
)
def test_which_edits_leave_values_of_another_kind(old, new, recast):
    assert is_recast(Column("x", old), Column("x", new)) is recast


def rows(*values):
    return [Record(f"{place:09d}", 1, {"x": value}) for place, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (Column("x", "integer"), 1.5, "whole number"),
        (Column("x", "number", required=True), None, "required"),
        (Column("x", "number", minimum=2), 1, "less than the minimum 2"),
        (Column("x", "number", maximum=2), 3, "more than the maximum 2"),
        (Column("x", "category", levels=["3"]), 4, "not one of the levels"),
        (Column("x", "boolean"), 2, "true, false"),
    ],
)
def test_rows_that_do_not_fit_are_named(column, value, reason):
    with pytest.raises(DomainError) as caught:
        check_rows([column], rows(value))
    [flaw] = caught.value.flaws
    assert (flaw.row, flaw.column) == (1, "x")
    assert reason in flaw.reason


def test_rows_that_fit():
    check_rows([Column("x", "integer", minimum=0, maximum=3)], rows(0, 3.0, None, True, "2"))


def test_at_most_twenty_rows_are_named():
    with pytest.raises(DomainError) as caught:
        check_rows([Column("x", "integer")], rows(*["a"] * 50))
    assert len(caught.value.flaws) == 20
