"""Windows of the same hour of the week in the place of the rows that a version learnt from.

Where each weekend is alike and none of it as on weekdays, a weekend is compared with weekends.
"""

from typing import Literal, get_args

from msgspec.structs import replace

from functions.kit.contract.models.reference import ColumnReference, Numbers, Reference, Words
from functions.monitoring.model.windows.sums import ColumnSum, Sum
from functions.monitoring.model.windows.window import Span

CompareWith = Literal["training", "season"]
"""`season`: with windows of the same time of the week, from LEAST_LIKE on; before that, and where
windows are by minute or by count, with `training`: the rows that the version learnt from."""
COMPARE_WITH: tuple[CompareWith, ...] = get_args(CompareWith)
LEAST_LIKE = 3
"""Windows of the same time of the week, of which so many have rows enough to be compared."""
SEASONAL: frozenset[Span] = frozenset(("hour", "day"))


def seasonal(reference: Reference, like: Sum) -> Reference:
    """Return what windows were like.

    Args:
        reference: that they were summed against: its bins and words stay.
        like: the sum of those windows.
    """
    nothing = ColumnSum()
    columns = [_column(one, like.columns.get(one.name, nothing)) for one in reference.columns]
    predicted, values = reference.predicted, reference.values
    return replace(
        reference,
        rows=like.rows,
        columns=columns,
        predicted=None if predicted is None else _words(predicted, like.predicted),
        values=None if values is None else _numbers(values, like.values),
        sample={},
    )


def _column(then: ColumnReference, like: ColumnSum) -> ColumnReference:
    numbers, words = then.numbers, then.words
    return replace(
        then,
        rows=like.rows,
        missing=like.missing,
        numbers=None if numbers is None else _numbers(numbers, like),
        words=None if words is None else _words(words, like),
    )


def _numbers(then: Numbers, like: ColumnSum) -> Numbers:
    """Return counts of windows; distances stay in the reference's standard deviations."""
    counts = like.bins or [0] * len(then.counts)
    return replace(then, counts=counts, below=like.below, above=like.above)


def _words(then: Words, like: ColumnSum) -> Words:
    """Return counts of windows; a word that was new in one is no surprise in as many rows."""
    counts = {word: like.words.get(word, 0) for word in then.counts}
    return Words(counts, like.rest + like.new, like.new, then.is_whole)
