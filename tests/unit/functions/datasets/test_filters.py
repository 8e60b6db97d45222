import pytest

from functions.datasets.model.queries.filters import parse
from functions.kit.contract.errors import DomainError, Unreadable
from functions.kit.contract.records.columns import Column

COLUMNS = [
    Column("age", "number"),
    Column("age>=x", "integer"),
    Column("sex", "category"),
    Column("alive", "boolean"),
    Column("seen", "datetime"),
]


@pytest.mark.parametrize(
    ("text", "column", "sign", "value"),
    [
        ("age>=30", "age", ">=", 30.0),
        ("age < 30", "age", "<", 30.0),
        ("age>=x==3", "age>=x", "==", 3),
        ("sex==fe==male", "sex", "==", "fe==male"),
        ("sex!=", "sex", "!=", None),
        ("alive==no", "alive", "==", False),
    ],
)
def test_a_condition(text, column, sign, value):
    [found] = parse([text], COLUMNS)
    assert (found.column.name, found.sign, found.value) == (column, sign, value)


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("size==3", "size", "there is no column 'size'"),
        ("age>=old", "age", "does not fit a column of number"),
        ("age>=", "age", "needs a value"),
        ("alive>true", "alive", "use == or !="),
        ("age", None, "column, operator, value"),
        ("age=3", None, "column, operator, value"),
    ],
)
def test_a_condition_that_cannot_be_used(text, column, reason):
    with pytest.raises(DomainError) as caught:
        parse([text], COLUMNS)
    assert isinstance(caught.value, Unreadable)
    assert reason in caught.value.detail
    assert caught.value.flaws[0].column == column


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("age>=30", 30.0, True),
        ("age>=30", None, False),
        ("age!=30", None, False),
        ("age!=30", 31.0, True),
        ("age==", None, True),
        ("age==", 3.0, False),
        ("age!=", 3.0, True),
        ("age!=", None, False),
    ],
)
def test_what_a_condition_says_of_a_value(text, value, holds):
    [found] = parse([text], COLUMNS)
    assert found.holds(value) is holds
