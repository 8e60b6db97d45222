"""How certain an answer is: the set or interval that holds the truth as often as stated.

Many rows are done by the very functions that training measured coverage with; one row by Python,
which is faster, with the same results.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from typing import TYPE_CHECKING

from functions.kit.contract.models.features import Array
from functions.kit.contract.models.signature import Certainty, Signature
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np

    from functions.kit.contract.models import certainty
else:
    np = Lazy("numpy")
    certainty = Lazy("functions.kit.contract.models.certainty")

USUAL = 0.9
SetOf = Callable[[Sequence[float]], list[str]]
"""A row's probabilities → the labels in its set."""


class Certain:
    """What a version states of how certain it is.

    Attributes:
        levels: shares of truths that sets or intervals can hold; none where it states nothing.
        usual: the level where none is asked for: 0.9, or what is nearest to it; None for none.
        needs_spread: whether intervals are as wide as the model's `spread` says of each row.

    Raises:
        ValueError: the signature contradicts itself.
    """

    def __init__(self, signature: Signature) -> None:
        stated = signature.certainty or Certainty([])
        _check(signature, stated)
        self.levels = stated.levels
        self.usual = usual_level(stated.levels)
        self.needs_spread = stated.scaled
        self._labels = signature.labels
        self._scores = dict(zip(stated.levels, stated.scores, strict=False))
        self._widths = dict(zip(stated.levels, stated.widths, strict=False))
        self._sets = {
            level: _set_of(self._labels, scores) for level, scores in self._scores.items()
        }

    def fault(self, level: float | None) -> str | None:
        """Return why a level cannot be asked for, or None."""
        if level is None or level in self.levels:
            return None
        if not self.levels:
            return "this version does not state how certain it is; leave it out"
        known = ", ".join(f"{one:g}" for one in self.levels)
        return f"this version states sets or intervals for {known}, not for {level:g}"

    def set_of(self, level: float, row: Sequence[float]) -> list[str]:
        """Return the set of one row's probabilities."""
        return self._sets[level](row)

    def sets(self, level: float, output: Array) -> Array:
        """Return which labels are in each row's set, [rows, labels], of probabilities likewise."""
        return certainty.sets(self._scores[level], output)

    def named_sets(self, level: float, output: Array) -> Iterator[list[str]]:
        """Yield each row's set; rows that have the same share one list."""
        inside = self.sets(level, output)
        packed = np.packbits(inside, axis=1)
        kinds: list[bytes] = packed.view(f"S{packed.shape[1]}").ravel().tolist()
        named = {
            kind: [*compress(self._labels, inside[row].tolist())]
            for kind, row in dict(zip(kinds, range(len(kinds)), strict=True)).items()
        }
        return map(named.__getitem__, kinds)

    def interval(self, level: float, output: Array, spread: Array | None) -> tuple[Array, Array]:
        """Return the low and the high ends of intervals, [rows] float64.

        Args:
            level: one of those that there are.
            output: values, [rows, 1].
            spread: of each row, [rows, 1], where `needs_spread`.
        """
        scale = None if spread is None else spread.ravel()
        [half] = certainty.half_widths([self._widths[level]], scale)
        middle = output.ravel().astype(np.float64)
        return middle - half, middle + half


def usual_level(levels: Sequence[float]) -> float | None:
    """Return the level where none is asked for, of those that are stated; None of none."""
    return min(levels, key=lambda level: (abs(level - USUAL), -level), default=None)


def _set_of(labels: Sequence[str], scores: Sequence[float]) -> SetOf:
    limits = [(label, score + certainty.SLACK) for label, score in zip(labels, scores, strict=True)]

    def set_of(row: Sequence[float]) -> list[str]:
        whole = sum(row)
        return [
            label
            for (label, limit), one in zip(limits, row, strict=True)
            if 1 - one / whole <= limit
        ]

    return set_of


def _check(signature: Signature, stated: Certainty) -> None:
    """Check that there is a width, or a score of each label, for every level."""
    if signature.labels:
        is_whole = [len(one) for one in stated.scores] == [len(signature.labels)] * len(
            stated.levels
        )
    else:
        is_whole = len(stated.widths) == len(stated.levels)
    if not is_whole:
        raise ValueError("its signature's certainty does not fit its levels and labels")
