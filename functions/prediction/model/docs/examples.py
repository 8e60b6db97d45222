"""Examples of what one may send to a version, and of what comes back: made of its signature."""

from typing import Any

from msgspec import UNSET, UnsetType, to_builtins

from functions.kit.contract.models.registration import Version
from functions.kit.contract.models.signature import Certainty, Feature, Signature
from functions.kit.contract.records.columns import Column, Suggested, whole_bounds
from functions.prediction.model.certain import usual_level
from functions.prediction.model.records import float32_bounds
from functions.prediction.model.responses import (
    Classified,
    Estimated,
    Interval,
    Prediction,
    PredictResponse,
    chooser,
)

DAY, MOMENT, WORD = "2026-01-31", "2026-01-31T12:00:00Z", "text"
ID = "f3a91c05d27be86a4169279e501"
LIKELY = 0.75
"""The probability of the first label."""
VALUE = 10.0
PLAIN = 2**53
"""Whole numbers up to which every reader of JSON takes for what they are."""


def example_record(signature: Signature) -> dict[str, Any]:
    """Return a record that the version takes: the columns that it looks at, and that it must have.

    Values are in the middle of those that it learnt from, or the first of its known words.
    """
    features = {one.column: one for one in signature.features}
    return {
        column.name: _value(column, features.get(column.name))
        for column in signature.columns
        if column.required or column.name in features
    }


def _value(column: Column, feature: Feature | None) -> Any:
    match column.kind:
        case "number":
            return _number(column)
        case "integer":
            return _whole(column)
        case "boolean":
            return True
        case "date":
            return DAY
        case "datetime":
            return MOMENT
        case _:
            return _word(column, feature)


def _number(column: Column) -> float:
    """Return a number in the middle, of few digits where that is like those learnt from, too."""
    low, high = float32_bounds(column)
    middle = _middle(column)
    short = float(f"{middle:.3g}")
    known = column.suggested or Suggested()
    least = low if known.minimum is None else known.minimum
    most = high if known.maximum is None else known.maximum
    return min(max(short if least <= short <= most else middle, low), high)


def _whole(column: Column) -> int | None:
    least, most = whole_bounds(column)
    if least > most:  # there is none, so it can only be missing
        return None
    return min(max(round(_middle(column)), least), most)


def _middle(column: Column) -> float:
    """Return the middle of what a column's numbers were, or may be; 1 where nothing is told."""
    known = column.suggested
    if known is not None and known.minimum is not None and known.maximum is not None:
        return known.minimum / 2 + known.maximum / 2
    if column.minimum is not None and column.maximum is not None:
        return max(min(column.minimum / 2 + column.maximum / 2, PLAIN), -PLAIN)
    return 1.0


def _word(column: Column, feature: Feature | None) -> str | None:
    """Return a word that the column may have and the model knows, if there is one."""
    suggested = column.suggested.levels if column.suggested else None
    learnt = feature.levels if feature else None
    known = [word for words in (suggested, learnt) for word in words or ()]
    if column.levels:
        known = [*(word for word in known if word in column.levels), *column.levels]
    return next((word for word in known if word.strip()), known[0] if column.levels else WORD)


def example_answer(version: Version) -> dict[str, Any]:
    """Return an answer to one record, of the form that the version's answers have.

    Its numbers are made up.
    """
    level, prediction = _prediction(version.signature)
    answer = PredictResponse(ID, version.model, version.version, [prediction], level)
    found: dict[str, Any] = to_builtins(answer)
    return found


def _prediction(signature: Signature) -> tuple[float | UnsetType, Prediction]:
    stated = signature.certainty or Certainty([])
    level = usual_level(stated.levels)
    said = UNSET if level is None else level
    if not signature.labels:
        return said, _estimated(stated, level)
    shares = _shares(len(signature.labels))
    place = chooser(signature)(shares)
    label = signature.labels[place]
    odds = dict(zip(signature.labels, shares, strict=True))
    inside = UNSET if level is None else [label]
    return said, Classified(label, shares[place], odds, inside)


def _shares(labels: int) -> list[float]:
    if labels == 1:
        return [1.0]
    return [LIKELY, *[round((1 - LIKELY) / (labels - 1), 4)] * (labels - 1)]


def _estimated(stated: Certainty, level: float | None) -> Estimated:
    widths = dict(zip(stated.levels, stated.widths, strict=False))
    if level is None or level not in widths:
        return Estimated(VALUE)
    half = widths[level]
    return Estimated(VALUE, Interval(VALUE - half, VALUE + half))
