"""What of a request cannot be, given the dataset's columns: found at once, each thing named."""

from typing import Any

import msgspec
import pytest

from functions.kit.contract.errors import Invalid
from functions.kit.contract.records.columns import Column
from functions.training.model.requests.fitting import flaws
from functions.training.model.requests.spec import JobRequest
from functions.training.service.checks import check_dataset
from functions.training.service.ports import Dataset

COLUMNS = [
    Column("y", "category", levels=["a", "b", "c"]),
    Column("ill", "boolean"),
    Column("x", "number"),
    Column("z", "number"),
    Column("when", "date", role="time"),
    Column("who", "text"),
]


def asking(**fields: Any) -> JobRequest:
    return msgspec.convert({"dataset": "d", "target": "ill", **fields}, JobRequest)


@pytest.mark.parametrize(
    ("fields", "column", "text"),
    [
        ({"measure": "rmse"}, "measure", "there are accuracy"),
        ({"measure": "luck"}, "measure", "no measure"),
        ({"target": "x", "task": "regression", "measure": "f1"}, "measure", "there are mae"),
        ({"target": "y", "goal": {"best": "f1"}}, "goal", "two classes"),
        ({"target": "x", "task": "regression", "goal": {"best": "f1"}}, "goal", "two classes"),
        ({"split": {"by": "group"}}, "split.column", "0 columns have that role"),
        ({"split": {"by": "group", "column": "q"}}, "split.column", "no column 'q'"),
        ({"split": {"by": "group", "column": "ill"}}, "split.column", "is the target"),
        ({"roles": {"q": "ignore"}}, "roles.q", "no column 'q'"),
        ({"roles": {"who": "weight"}}, "roles.who", "a weight is a number"),
        ({"roles": {"ill": "ignore"}}, "roles.ill", "is the target"),
        (
            {"target": "x", "task": "regression", "class_weight": "balanced"},
            "class_weight",
            "no classes",
        ),
        ({"recipes": [{"name": "r", "make": "ratio", "of": ["x"]}]}, "recipes[0].of", "2 columns"),
        (
            {"recipes": [{"name": "r", "make": "ratio", "of": ["x", "q"]}]},
            "recipes[0].of",
            "no column 'q'",
        ),
        (
            {"recipes": [{"name": "r", "make": "length", "of": ["x"]}]},
            "recipes[0].of",
            "'x' is of kind number; length takes category, text",
        ),
        (
            {"recipes": [{"name": "r", "make": "bucket", "of": ["x"], "edges": [2, 1]}]},
            "recipes[0].edges",
            "rise",
        ),
    ],
)
def test_what_cannot_be(fields: dict[str, Any], column: str, text: str) -> None:
    found = flaws(asking(**fields), COLUMNS)
    assert [one.column for one in found] == [column]
    assert text in found[0].reason


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"measure": "f1", "goal": {"best": "precision_at_recall", "at": 0.9}},
        {"target": "x", "measure": "rmse"},
        {"split": {"by": "time"}},
        {"split": {"by": "group"}, "roles": {"who": "group"}},
        {"recipes": [{"name": "r", "make": "difference", "of": ["x", "z"]}]},
        {"recipes": [{"name": "r", "make": "is_missing", "of": ["who"]}]},
    ],
)
def test_what_can_be(fields: dict[str, Any]) -> None:
    assert flaws(asking(**fields), COLUMNS) == []


def test_all_of_it_is_said_at_once() -> None:
    request = asking(measure="luck", roles={"q": "ignore"})
    with pytest.raises(Invalid, match=r"'measure': no measure .* more in errors") as caught:
        check_dataset(Dataset("d", "ready", 1000, COLUMNS), request)
    assert [one.column for one in caught.value.flaws] == ["measure", "roles.q"]
