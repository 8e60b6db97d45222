"""Columns as a few numbers a row, by which a model is surer or less sure than it says."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.models.features import MISSING
from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

MOST_COLUMNS, MOST_TERMS = 20, 60
MOST_WORDS, LONGEST_WORD = 8, 200
FEWEST_ROWS = 20
"""That a word, or a gap, has, to be looked at by itself."""
FARTHEST = 3.0
"""Standard deviations; a number beyond counts as one there."""


class Term(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number of a row.

    Attributes:
        column: that it is of.
        word: 1 where the column has it ("" for a gap); None: how far a number is off the mean.
        middle: that mean.
        scale: the standard deviation.
    """

    column: str
    word: str | None = None
    middle: float = 0.0
    scale: float = 1.0


def terms_of(columns: Sequence[ReadableColumn]) -> list[Term]:
    """Return the terms of columns, the most important column first."""
    found = [term for one in columns[:MOST_COLUMNS] for term in _terms(one)]
    return found[:MOST_TERMS]


def _terms(column: ReadableColumn) -> list[Term]:
    missing = column.missing
    gaps = int(missing.sum())
    there = gaps >= FEWEST_ROWS and len(missing) - gaps >= FEWEST_ROWS
    found = [Term(column.name, word=MISSING)] if there else []
    known = column.values[~missing]
    if column.kind == "word":
        words, counts = np.unique(known.astype(str), return_counts=True)
        order = np.argsort(-counts, kind="stable")[:MOST_WORDS]
        usual = [str(words[place]) for place in order if counts[place] >= FEWEST_ROWS]
        return found + [Term(column.name, word=one) for one in usual if len(one) <= LONGEST_WORD]
    if len(known) < FEWEST_ROWS or not known.std() > 0 or not np.isfinite(known.std()):
        return found
    return [Term(column.name, middle=float(known.mean()), scale=float(known.std())), *found]


def matrix(terms: Sequence[Term], columns: Mapping[str, ReadableColumn], rows: int) -> Array:
    """Return the terms of rows, float64 [rows, terms]; 0 where a column is not there."""
    found = np.zeros((rows, len(terms)))
    for place, term in enumerate(terms):
        column = columns.get(term.column)
        if column is not None:
            found[:, place] = _values(term, column)
    return found


def _values(term: Term, column: ReadableColumn) -> Array:
    if term.word is None and column.kind != "word":
        off = (column.values - term.middle) / term.scale
        kept: Array = np.clip(np.nan_to_num(off, nan=0.0), -FARTHEST, FARTHEST)
        return kept
    if term.word == MISSING:
        gaps: Array = column.missing.astype(np.float64)
        return gaps
    found: Array = (column.values == term.word).astype(np.float64)
    return found
