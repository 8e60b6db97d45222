"""Answers to records: labels with probabilities, or values; how certain, and how unusual."""

import itertools
import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from functions.kit.contract.models.features import Array
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy
from functions.prediction.model.explanations import Explanation

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

SHOWN_FIELDS = 20
"""Names of fields that a notice tells, at most."""
Unusual = Literal["unseen_category", "out_of_range"]


class Warned(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that is unlike what the model learnt from: what it says of it may be far off.

    Attributes:
        column: whose value it is.
        kind: why; a category that no row had, or a number beyond those that rows had.
        value: it.
        minimum: of a number out of range, the least that the model learnt from.
        maximum: likewise, the most.
    """

    column: str
    kind: Unusual
    value: str | float
    minimum: float | None = None
    maximum: float | None = None


class Interval(msgspec.Struct, frozen=True, gc=False):
    """What holds the true value as often as the answer's `level` says, both ends included."""

    low: float
    high: float


class Classified(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The likeliest label, or the one that a threshold makes it; its probability, every label's.

    Attributes:
        label: as above.
        probability: its own.
        probabilities: by label.
        set: the labels of which one is true as often as the answer's `level` says; there may be
            none. Left out where the model does not tell how certain it is.
        warnings: of values unlike what the model learnt from; left out where there are none.
        explanation: where it was asked for.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    set: list[str] | UnsetType = UNSET
    warnings: list[Warned] = []
    explanation: Explanation | UnsetType = UNSET


class Estimated(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The value that a regression gives; the rest as of `Classified`."""

    value: float
    interval: Interval | UnsetType = UNSET
    warnings: list[Warned] = []
    explanation: Explanation | UnsetType = UNSET


Prediction = Classified | Estimated


Kind = TypeVar("Kind", bound=Prediction)


class Notice(msgspec.Struct, frozen=True):
    """What was done with a request that its caller may not expect.

    Attributes:
        kind: what; fields of records that the model does not know were passed over.
        fields: their names, at most 20.
        count: how many names there were.
    """

    kind: Literal["ignored_fields"]
    fields: Sequence[str]
    count: int


def ignored(unknown: Sequence[str]) -> list[Notice]:
    """Return the notice of fields that were passed over."""
    return [Notice("ignored_fields", unknown[:SHOWN_FIELDS], len(unknown))]


class PredictResponse(msgspec.Struct, Generic[Kind], frozen=True, omit_defaults=True):
    """The answer to one call.

    Attributes:
        id: of the answer.
        model: who answered.
        version: likewise.
        predictions: one for each record.
        level: how often the sets or intervals hold the truth; left out where there are none.
        notices: what the caller may not expect; left out where there are none.
        why: why this version answered; left out where the call named it, or an alias leads to it.
    """

    id: str
    model: str
    version: int
    predictions: Sequence[Kind]
    level: float | UnsetType = UNSET
    notices: Sequence[Notice] = ()
    why: str = ""


def chooser(signature: Signature) -> Callable[[list[float]], int]:
    """Return what tells the place of a row's label from its probabilities.

    That is the likeliest; with a threshold, of two labels the last one from there on.
    """
    threshold = _threshold(signature)
    if threshold is None:
        return lambda row: row.index(max(row))
    return lambda row: int(row[1] >= threshold)


def column_chooser(signature: Signature) -> Callable[[Array], Array]:
    """Return what tells the same of probabilities [rows, labels] as places [rows]."""
    threshold = _threshold(signature)
    if threshold is None and len(signature.labels) == 2:  # argmax takes eight times as long
        return lambda output: (output[:, 1] > output[:, 0]).astype(np.intp)
    if threshold is None:
        return lambda output: output.argmax(axis=1)
    # In float64, as a row's are: float32 would round the threshold.
    return lambda output: (output[:, 1].astype(np.float64) >= threshold).astype(np.intp)


def _threshold(signature: Signature) -> float | None:
    return signature.threshold if len(signature.labels) == 2 else None


class Ids:
    """Ids of answers: unique everywhere, and cheap. One object a process, made after a fork.

    After random digits they tell the second when they were given, so that whoever keeps what was
    answered knows where to look (`kit/contract/telemetry/predictions`).
    """

    def __init__(self) -> None:
        self._prefix = os.urandom(9).hex()
        self._count = itertools.count(1)

    def __call__(self) -> str:
        """Return a fresh id."""
        return f"{self._prefix}{int(time.time()):08x}{next(self._count):x}"
