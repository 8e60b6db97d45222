"""From what a model gives to the predictions of an answer; compiled once for each version."""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.models.features import Array, Inputs
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy
from functions.prediction.model.certain import Certain
from functions.prediction.model.explanations import Explanation
from functions.prediction.model.questions import Question
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Interval,
    Warned,
    chooser,
    column_chooser,
)
from functions.prediction.model.unusual import NONE, Unusual, Warnings

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

FEW = 8
"""Rows up to which it is faster to go from row to row."""

Describe = Callable[[Array, Array | None, float | None], Sequence[Any]]
"""Output, spread and level → predictions."""


class Predicted(msgspec.Struct, frozen=True, gc=False):
    """What a model gave for some rows.

    Attributes:
        inputs: what it was given, by name, each [rows, 1].
        output: probabilities [rows, labels], or values [rows, 1].
        spread: where its intervals need it, [rows, 1].
        explanations: of each row, where they were asked for.
    """

    inputs: Inputs
    output: Array
    spread: Array | None
    explanations: Sequence[Explanation] = ()


class Described:
    """What is said of it; predictions are made when they are asked for, as not all forms do.

    Attributes:
        given: what the model gave.
        level: how often sets or intervals hold the truth.
        warnings: of rows that have any.
    """

    __slots__ = ("_describe", "given", "level", "warnings")

    def __init__(
        self, describe: Describe, given: Predicted, level: float | None, warnings: Warnings
    ) -> None:
        self._describe = describe
        self.given = given
        self.level = UNSET if level is None else level
        self.warnings = warnings

    def predictions(self) -> Sequence[Any]:
        """Return what is encoded as a `Classified` or an `Estimated` for each row."""
        given, level = self.given, self.level
        found = self._describe(given.output, given.spread, None if level is UNSET else level)
        if self.warnings:
            found = _with_warnings(found, self.warnings)
        if given.explanations:
            found = _with_explanations(found, given.explanations)
        return found


class Describer:
    """Turns what a version gives into predictions.

    Few rows are made one by one, as `Classified` and `Estimated`; many column by column, of structs
    that are encoded to the same bytes.
    """

    def __init__(self, signature: Signature, certain: Certain) -> None:
        self._usual, self._fault = certain.usual, certain.fault
        self._unusual = Unusual(signature)
        describe = _classes if signature.labels else _values
        self._describe = describe(signature, certain)

    def __call__(self, question: Question, given: Predicted) -> Described:
        """Return what is said of what a model gave for a question's rows.

        Raises:
            Invalid: a level of certainty is asked for that the version does not state.
        """
        options = question.options
        level = options.certainty
        if level is None:
            level = self._usual
        elif fault := self._fault(level):
            raise refused(
                "The options were refused", Flaw(fault, column="certainty"), noun="option"
            )
        rows, inputs = question.rows, given.inputs
        warnings = self._unusual.find(rows, inputs) if options.warnings else NONE
        return Described(self._describe, given, level, warnings)


def _with_warnings(predictions: Sequence[Any], warnings: Warnings) -> Sequence[Any]:
    found = [*predictions]
    for row, warned in warnings.items():
        found[row] = msgspec.structs.replace(found[row], warnings=warned)
    return found


def _with_explanations(
    predictions: Sequence[Any], explanations: Sequence[Explanation]
) -> Sequence[Any]:
    pairs = zip(predictions, explanations, strict=True)
    return [msgspec.structs.replace(one, explanation=found) for one, found in pairs]


def _values(_signature: Signature, certain: Certain) -> Describe:
    def estimate(output: Array, spread: Array | None, level: float | None) -> Sequence[Estimated]:
        values = output.ravel().tolist()
        if level is None:
            return [*map(Estimated, values)]
        lows, highs = certain.interval(level, output, spread)
        return [*map(Estimated, values, map(Interval, lows.tolist(), highs.tolist()))]

    return estimate


def _classes(signature: Signature, certain: Certain) -> Describe:
    few, many = _by_rows(signature, certain), _by_columns(signature, certain)
    return lambda output, _, level: (few if len(output) <= FEW else many)(output, level)


def _by_rows(
    signature: Signature, certain: Certain
) -> Callable[[Array, float | None], Sequence[Classified]]:
    labels, choose = signature.labels, chooser(signature)

    def classified(row: list[float], level: float | None) -> Classified:
        place = choose(row)
        inside = UNSET if level is None else certain.set_of(level, row)
        return Classified(labels[place], row[place], dict(zip(labels, row, strict=True)), inside)

    return lambda output, level: [classified(row, level) for row in output.tolist()]


class _OfMany(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A `Classified` whose probabilities are of any kind."""

    label: str
    probability: float
    probabilities: Any
    set: list[str] | UnsetType = UNSET
    warnings: list[Warned] = []
    explanation: Explanation | UnsetType = UNSET


def _by_columns(
    signature: Signature, certain: Certain
) -> Callable[[Array, float | None], Sequence[Any]]:
    labels, choose = signature.labels, column_chooser(signature)
    probabilities = probabilities_by_label(labels)

    def classify(output: Array, level: float | None) -> Sequence[Any]:
        places = choose(output)
        chosen = output[np.arange(len(output)), places].tolist()
        names = map(labels.__getitem__, places.tolist())
        inside = repeat(UNSET) if level is None else certain.named_sets(level, output)
        return [*map(_OfMany, names, chosen, probabilities(output.T.tolist()), inside)]

    return classify


def probabilities_by_label(
    labels: Sequence[str],
) -> Callable[[list[list[float]]], Iterable[Any]]:
    """Return what makes of each label's probabilities every row's, encoded by label."""
    fields = {f"p{place}": label for place, label in enumerate(labels)}
    typed = [(name, float) for name in fields]
    try:
        kind = msgspec.defstruct("Probabilities", typed, rename=fields, frozen=True, gc=False)
    except ValueError:  # it takes no quotes, backslashes or control characters in fields' names
        return lambda columns: (
            dict(zip(labels, row, strict=True)) for row in zip(*columns, strict=True)
        )
    return lambda columns: map(kind, *columns)
