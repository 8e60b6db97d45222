"""Predictions as arrays, with what turned out to be true of some."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


@dataclass(frozen=True)
class Rows:
    """Some predictions of one version.

    Attributes:
        truth: places of labels (-1: not known), or numbers (NaN: not known), [rows].
        predicted: probabilities [rows, labels], or numbers [rows].
        columns: what the model looked at, by name, [rows] each; sensitive ones are not there.
        spread: of a regression whose intervals fit it, [rows], NaN where it was not told.
        strange: labels that are none that the version knows; their rows count as unlabelled.
    """

    truth: Array
    predicted: Array
    columns: Mapping[str, ReadableColumn]
    spread: Array | None = None
    strange: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.truth)

    @property
    def has_label(self) -> Array:
        """Which have one, [rows] booleans."""
        found: Array = self.truth >= 0 if self.truth.dtype.kind == "i" else ~np.isnan(self.truth)
        return found

    def take(self, which: Array) -> "Rows":
        """Return some of them: by places, or booleans."""
        columns = {
            name: ReadableColumn(name, one.kind, one.values[which])
            for name, one in self.columns.items()
        }
        spread = None if self.spread is None else self.spread[which]
        return replace(
            self,
            truth=self.truth[which],
            predicted=self.predicted[which],
            columns=columns,
            spread=spread,
        )

    @property
    def labelled(self) -> "Rows":
        """Those that have a label."""
        return self.take(self.has_label)


def read_truth(signature: Signature, labels: Sequence[str | None]) -> tuple[Array, int]:
    """Return labels as truth, [rows], and how many are none that the version knows.

    A label is found by its text; where all labels are numbers, or true and false, by what it means.
    """
    if signature.task == "regression":
        numbers = [_number(one) for one in labels]
        truth = np.array([np.nan if one is None else one for one in numbers], np.float64)
        known = sum(one is not None for one in labels)
        return truth, known - int((~np.isnan(truth)).sum())
    places = _places(signature.labels)
    found = [-1 if one is None else _place(places, one) for one in labels]
    strange = sum(place < 0 and one is not None for place, one in zip(found, labels, strict=True))
    return np.array(found, np.int64), strange


def _places(labels: Sequence[str]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    numbers = [_number(one) for one in labels]
    if None not in numbers and len(set(numbers)) == len(labels):
        found |= {one: place for place, one in enumerate(numbers)}
    folded = [one.casefold() for one in labels]
    if sorted(folded) == ["false", "true"]:
        found |= {one: place for place, one in enumerate(folded)}
    return found | {one: place for place, one in enumerate(labels)}


def _place(places: Mapping[Any, int], label: str) -> int:
    for key in (label, _number(label), label.casefold()):
        if key is not None and key in places:
            return places[key]
    return -1


def _number(text: str | None) -> float | None:
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if found - found == 0 else None
