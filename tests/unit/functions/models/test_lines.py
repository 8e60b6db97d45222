"""What callers of a model would stumble over in a version, and what they would not."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.kit.contract.models.registration import ModelFile, Registration
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.models.model.lines import clashes

COLUMNS = [
    Column("age", "integer", required=True),
    Column("town", "category"),
    Column("sex", "category", levels=["f", "m"]),
]


def version(columns: list[Column] = COLUMNS, **more: Any) -> Registration:
    task = more.get("task", "binary")
    labels = more.pop("labels", [] if task == "regression" else ["no", "yes"])
    features = [Feature("age", "age", "float")]
    usual: dict[str, Any] = {
        "job": "j",
        "dataset": "d",
        "revision": 1,
        "snapshot": "s",
        "target": "y",
        "task": "binary",
        "algorithm": "a",
        "file": ModelFile("models/m/f.onnx", "0" * 64, 1),
        "signature": Signature(task, more.get("target", "y"), columns, features, labels),
    }
    return Registration(**usual | more)


def changed(name: str, **fields: Any) -> list[Column]:
    return [replace(one, **fields) if one.name == name else one for one in COLUMNS]


@pytest.mark.parametrize(
    ("new", "column", "reason"),
    [
        (version(target="z"), "z", "it predicts 'z', the model 'y'"),
        (version(task="regression"), "y", "it is for regression, the model for binary"),
        (version(labels=["no", "maybe"]), "y", "it never answers yes"),
        (version(labels=["no", "yes", "maybe"]), "y", "it answers maybe, which the model never"),
        (version(labels=["yes", "no"]), "y", "its labels are in another order"),
        (version(COLUMNS[1:]), "age", "this version does not know it"),
        (version(changed("age", kind="text")), "age", "it takes text, the model integer"),
        (version(changed("town", required=True)), "town", "it is required, and may be missing"),
        (version([*COLUMNS, Column("new", "number", required=True)]), "new", "new and required"),
    ],
)
def test_a_clash_names_the_column(new: Registration, column: str, reason: str) -> None:
    [flaw] = clashes(version(), new)
    assert (flaw.column, reason in flaw.reason) == (column, True), flaw


@pytest.mark.parametrize(
    "columns",
    [
        COLUMNS,
        COLUMNS[::-1],
        [*COLUMNS, Column("new", "number")],
        changed("age", kind="number"),
        changed("age", required=False),
        changed("town", kind="text"),
        changed("sex", levels=["f", "m", "x"]),
    ],
)
def test_what_callers_send_goes_on_to_fit(columns: list[Column]) -> None:
    assert list(clashes(version(), version(columns))) == []
