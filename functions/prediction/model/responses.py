"""Answers to records: labels with probabilities, or values."""

import itertools
import os
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from functions.kit.contract.features import Array
from functions.kit.contract.signature import Signature


class Classified(msgspec.Struct, frozen=True):
    """The likeliest label, or the one that a threshold makes it; its probability, every label's."""

    label: str
    probability: float
    probabilities: dict[str, float]


class Estimated(msgspec.Struct, frozen=True):
    """The value that a regression gives."""

    value: float


Prediction = Classified | Estimated


Kind = TypeVar("Kind", bound=Prediction)


class PredictResponse(msgspec.Struct, Generic[Kind], frozen=True):
    """The answer to one call: its id, who answered, and one prediction for each record."""

    id: str
    model: str
    version: int
    predictions: Sequence[Kind]


def formatter(signature: Signature) -> Callable[[Array], list[Prediction]]:
    """Compile `signature` into a function from a model's output to predictions."""
    labels = signature.labels
    choose = chooser(signature)

    def classified(row: list[float]) -> Classified:
        place = choose(row)
        return Classified(labels[place], row[place], dict(zip(labels, row, strict=True)))

    def classify(output: Array) -> list[Prediction]:
        return [classified(row) for row in output.tolist()]

    def estimate(output: Array) -> list[Prediction]:
        return [Estimated(value) for value in output.ravel().tolist()]

    return classify if labels else estimate


def chooser(signature: Signature) -> Callable[[list[float]], int]:
    """Return what tells the place of a row's label from its probabilities.

    That is the likeliest; with a threshold, of two labels the last one from there on.
    """
    threshold = signature.threshold
    if threshold is None or len(signature.labels) != 2:
        return lambda row: row.index(max(row))
    return lambda row: int(row[1] >= threshold)


class Ids:
    """Ids of predictions: unique everywhere, and cheap. One object a process, made after a fork."""

    def __init__(self) -> None:
        self._prefix = os.urandom(9).hex()
        self._count = itertools.count(1)

    def __call__(self) -> str:
        """Return a fresh id."""
        return f"{self._prefix}{next(self._count):x}"
