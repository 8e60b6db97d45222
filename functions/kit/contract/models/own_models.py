"""Models of one's own: functions that say what they take, and answer (`./mayfly new NAME --model`).

What such a function and ours say to each other; the function has it from its template, since it
imports nothing of ours.
"""

import hashlib
import hmac
from typing import Annotated, Any

import msgspec

from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.models.signature import Encoding, Feature, Signature, Task
from functions.kit.contract.records.columns import Column, Kind

SCHEMA, PREDICT, HEALTH = "/schema", "/predict", "/health"
KEY = "MAYFLY_MODEL_KEY"
"""The variable that tells a function the key by which it is called."""
_PURPOSE = "mayfly model of one's own 1"
_NUMBERS: frozenset[Kind] = frozenset({"number", "integer", "boolean", "datetime", "date"})

FunctionName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]


class Schema(msgspec.Struct, forbid_unknown_fields=True):
    """What a function says that it takes and answers.

    Attributes:
        task: what is predicted.
        target: what that is called.
        columns: what a record may hold.
        labels: the classes in the order of its probabilities; none for a regression.
        threshold: of two classes, the least probability of the last that is called so.
    """

    task: Task
    target: Annotated[str, msgspec.Meta(min_length=1, max_length=1500)]
    columns: list[Column]
    labels: list[str] = []
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None

    @property
    def signature(self) -> Signature:
        """The signature of a version that answers so: each column is one input of its name."""
        features = [Feature(one.name, one.name, _encoding(one)) for one in self.columns]
        return Signature(
            task=self.task,
            target=self.target,
            columns=self.columns,
            features=features,
            labels=self.labels,
            threshold=self.threshold,
        )


class Asked(msgspec.Struct):
    """Records to a function; in each, every column is there, None where it has no value."""

    records: list[dict[str, Any]]


class Answered(msgspec.Struct):
    """What it gives: of each record its probabilities in the labels' order, or one value."""

    outputs: list[list[float]]


def key_of(secret: str, function: str, workspace: str = MAIN) -> str:
    """Return the key by which a function is called for a workspace.

    It opens that function alone, and says nothing of the secret that all of ours share.
    """
    text = f"{_PURPOSE}\n{workspace}\n{function}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _encoding(column: Column) -> Encoding:
    return "double" if column.kind in _NUMBERS else "string"
