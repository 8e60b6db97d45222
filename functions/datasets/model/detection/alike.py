"""Whether a row is like those below it: data, or what stands above data."""

from collections.abc import Sequence
from typing import NamedTuple

from functions.datasets.model.detection import missing
from functions.datasets.model.reading import spellings
from functions.datasets.model.reading.spellings import Spelling

Rows = Sequence[Sequence[str]]


class Compared(NamedTuple):
    """The cells of a row that stand above numbers, days or truth values: such, or others."""

    like: list[str]
    unlike: list[str]


def compared(row: Sequence[str], below: Rows) -> Compared:
    """Compare a row with those below it that have as many cells."""
    body = [one for one in below if len(one) == len(row)]
    found = Compared([], [])
    for place, cell in enumerate(row):
        kinds = _common([one[place] for one in body])
        if kinds and cell.strip():
            is_like = bool(kinds & spellings.fits(cell.strip()))
            (found.like if is_like else found.unlike).append(cell.strip())
    return found


def _common(column: Sequence[str]) -> frozenset[Spelling]:
    """Return the spellings that all cells of a column fit, but for those that are missing."""
    texts = {cell.strip() for cell in column} - missing.AMONG_VALUES - {""}
    sets = [spellings.fits(text) for text in texts]
    return frozenset.intersection(*sets) if sets else frozenset()
