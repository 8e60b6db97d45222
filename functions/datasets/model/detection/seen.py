"""What was seen of the cells of one column, in one pass with flat memory."""

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from functions.datasets.model import limits
from functions.datasets.model.detection import missing
from functions.datasets.model.reading import numbers, spellings
from functions.datasets.model.reading.numbers import Marks
from functions.datasets.model.reading.spellings import NUMERIC, Fits, Spelling

# A column of text is a category when it has few different values, each seen twice on average.
CATEGORY_VALUES = 50
# Cells that are looked at for being all different.
UNIQUE_CELLS = 1_000
# After so many cells of which fewer than this share fit anything, a column is of words alone.
ENOUGH, LEAST_SHARE = 500, 0.2
VALUE_LENGTH = 80  # of a cell that is shown as an example


class Word(str):
    """A cell that its file says is text: it stands for no number and no truth value."""

    __slots__ = ()


@dataclass(slots=True)
class Group:
    """The cells that fit the same spellings; `bounds` are of the numbers, by decimal mark."""

    count: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)

    def widen(self, decimal: str, value: float) -> None:
        """Take a number into the bounds."""
        low, high = self.bounds.get(decimal, (value, value))
        self.bounds[decimal] = (min(low, value), max(high, value))


class Seen:
    """The cells of one column so far.

    Attributes:
        present: how many cells hold something, words for missing among them.
        words: words that may stand for no value, with how often each was seen.
        groups: all other cells, by what they fit.
        distinct: up to one more than CATEGORY_VALUES different cells.
        is_unique: no two of the first UNIQUE_CELLS are alike.

    Args:
        spelling: what somebody says the cells are; it is looked for, too.
        extra: words that somebody says stand for no value.
    """

    def __init__(self, spelling: Spelling | None = None, extra: Iterable[str] = ()) -> None:
        self.blank = 0
        self.present = 0
        self.words: Counter[str] = Counter()
        self.sentinels: Counter[str] = Counter()
        self.groups: dict[Fits, Group] = {}
        self.distinct: Counter[str] = Counter()
        self.is_unique = True
        self._spelling = spelling
        self._words = missing.AMONG_VALUES | frozenset(extra)
        self._known: set[str] = set()

    def add(self, first: int, column: Sequence[str]) -> None:
        """Take the next cells of the column; `first` is the row number of the first of them."""
        present = [cell for cell in column if cell and not cell.isspace()]
        self.blank += len(column) - len(present)
        self.present += len(present)
        counts = Counter(present)
        self._note_distinct(present, counts)
        for cell, count in counts.items():
            text = cell.strip()
            if text in self._words and type(cell) is not Word:
                self.words[text] += count
            else:
                self._sort_in(text, cell, count, first, column)

    def _note_distinct(self, present: list[str], counts: Counter[str]) -> None:
        if len(self.distinct) <= CATEGORY_VALUES:
            self.distinct.update(counts)
        if self.is_unique and len(self._known) < UNIQUE_CELLS:
            some = present[: UNIQUE_CELLS - len(self._known)]
            size = len(self._known)
            self._known.update(some)
            self.is_unique = len(self._known) == size + len(some)
            if not self.is_unique:
                self._known.clear()

    def _sort_in(self, text: str, cell: str, count: int, first: int, column: Sequence[str]) -> None:
        found = self._fits(text)
        if type(cell) is Word:
            found = frozenset(one for one in found if one.date_format)
        group = self.groups.get(found)
        if group is None:
            group = self.groups[found] = Group()
        group.count += count
        if len(group.examples) < limits.FLAWS:
            _exemplify(group, cell, first, column)
        if text in missing.SENTINELS:
            self.sentinels[text] += count
        else:
            for marks in _ways(found):
                group.widen(marks.decimal, _float(text, marks))

    def _fits(self, text: str) -> Fits:
        found = spellings.NOTHING if self._is_of_words() else spellings.fits(text)
        spelling = self._spelling
        if spelling and spelling not in found and spellings.fits_spelling(text, spelling):
            return found | {spelling}
        return found

    def _is_of_words(self) -> bool:
        nothing = self.groups.get(spellings.NOTHING)
        values = self.present - self.words.total()
        return (
            nothing is not None and values > ENOUGH and nothing.count > (1 - LEAST_SHARE) * values
        )


def _exemplify(group: Group, cell: str, first: int, column: Sequence[str]) -> None:
    rows = (row for row, other in enumerate(column, first) if other == cell)
    for row in rows:
        if len(group.examples) == limits.FLAWS:
            return
        group.examples.append((row, cell[:VALUE_LENGTH]))


@functools.lru_cache(maxsize=1024)
def _ways(found: Fits) -> tuple[Marks, ...]:
    """Return one way to read a number for each decimal mark that it may have."""
    ways = {one.marks.decimal: one.marks for one in found if one.kind in NUMERIC}
    return tuple(marks for mark, marks in ways.items() if mark)


def _float(text: str, marks: Marks) -> float:
    if text.isdecimal():
        return float(text)
    return float(numbers.canonical(text, marks) or "nan")
