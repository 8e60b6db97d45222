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
class _Place:
    """Some cells of the column: the row of the first, all of them, and how often each is there."""

    first: int
    column: Sequence[str]
    counts: Counter[str]


@dataclass(slots=True)
class Group:
    """The cells that fit the same spellings.

    Attributes:
        examples: the first cells, with their rows.
        bounds: of the numbers among them, by decimal mark.
        sentinels: those that may stand for no value, which are not within `bounds`.
    """

    count: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    sentinels: Counter[str] = field(default_factory=Counter)

    def take(self, cells: list[str], found: Fits, place: _Place) -> None:
        """Take different cells that fit `found`."""
        counts = place.counts
        self.count += sum([counts[cell] for cell in cells])
        if len(self.examples) < limits.FLAWS:
            self._exemplify(set(cells), place)
        ways = _ways(found)
        if not ways:
            return
        texts = [cell.strip() for cell in cells]
        for text in missing.SENTINELS.intersection(texts):
            self.sentinels[text] += sum(counts[cell] for cell in cells if cell.strip() == text)
            texts.remove(text)
        is_plain = Spelling("integer") in found  # written alike, whatever the decimal mark is
        for marks in ways:
            self._widen(marks.decimal, _floats(texts, numbers.PLAIN if is_plain else marks))

    def _exemplify(self, cells: set[str], place: _Place) -> None:
        for row, cell in enumerate(place.column, place.first):
            if cell in cells:
                self.examples.append((row, cell[:VALUE_LENGTH]))
                if len(self.examples) == limits.FLAWS:
                    return

    def _widen(self, decimal: str, values: list[float]) -> None:
        if values:
            low, high = min(values), max(values)
            known = self.bounds.get(decimal, (low, high))
            self.bounds[decimal] = (min(low, known[0]), max(high, known[1]))


class Seen:
    """The cells of one column so far.

    Attributes:
        present: how many cells hold something, words for missing among them.
        words: words that may stand for no value, with how often each was seen.
        groups: all other cells, by what they fit.
        distinct: different cells, all of them while they are CATEGORY_VALUES at most.
        is_unique: no two of the first UNIQUE_CELLS are alike.

    Args:
        spelling: what somebody says the cells are; it is looked for, too.
        extra: words that somebody says stand for no value.
    """

    def __init__(self, spelling: Spelling | None = None, extra: Iterable[str] = ()) -> None:
        self.blank = 0
        self.present = 0
        self.words: Counter[str] = Counter()
        self.groups: dict[Fits, Group] = {}
        self.distinct: Counter[str] = Counter()
        self.is_unique = True
        self._spelling = spelling
        self._words = missing.AMONG_VALUES | frozenset(extra)
        self._known: set[str] = set()

    @property
    def sentinels(self) -> Counter[str]:
        """Numbers that may stand for no value, with how often each was seen."""
        return sum((group.sentinels for group in self.groups.values()), Counter())

    def add(self, first: int, column: Sequence[str]) -> None:
        """Take the next cells of the column; `first` is the row number of the first of them."""
        present = [cell for cell in column if cell and not cell.isspace()]
        self.blank += len(column) - len(present)
        self.present += len(present)
        counts = Counter(present)
        self._note_distinct(present, counts)
        place = _Place(first, column, counts)
        if self._is_of_words():
            self._take_words(place)
            return
        live = self._formats()
        for shape, cells in self._by_shape(counts).items():
            self._sort_in(shape, cells, live, place)

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

    def _is_of_words(self) -> bool:
        """Tell whether so few cells fit anything that the others need not be looked at."""
        nothing = self.groups.get(spellings.NOTHING)
        values = sum(group.count for group in self.groups.values())
        return (
            nothing is not None
            and self._spelling is None
            and values > ENOUGH
            and nothing.count > (1 - LEAST_SHARE) * values
        )

    def _take_words(self, place: "_Place") -> None:
        known = [cell for cell in place.counts if cell.strip() in self._words]
        gone = [cell for cell in known if type(cell) is not Word]
        for cell in gone:
            self.words[cell.strip()] += place.counts.pop(cell)
        self.groups[spellings.NOTHING].count += place.counts.total()

    def _formats(self) -> frozenset[str] | None:
        """Return the formats that some date was in so far; None before there were any cells."""
        if not self.groups:
            return None
        return frozenset(one.date_format for found in self.groups for one in found)

    def _by_shape(self, counts: Counter[str]) -> dict[str, list[str]]:
        """Return the different cells by their shapes; words for missing are counted apart."""
        shapes: dict[str, list[str]] = {}
        for cell in counts:
            text = cell.strip()
            if text not in self._words or type(cell) is Word:
                shape = spellings.shape_of(text)
                if shape in shapes:
                    shapes[shape].append(cell)
                else:
                    shapes[shape] = [cell]
            else:
                self.words[text] += counts[cell]
        return shapes

    def _sort_in(
        self, shape: str, cells: list[str], live: frozenset[str] | None, place: "_Place"
    ) -> None:
        """Put cells of one shape where they belong: often all of them fit the same."""
        found = spellings.all_fit(shape, live)
        if found is not None and self._spelling is None and type(cells[0]) is not Word:
            self._group(found).take(cells, found, place)
            return
        for cell in cells:
            fits = self._fits(cell.strip(), live)
            if type(cell) is Word:
                fits = frozenset(one for one in fits if one.date_format)
            self._group(fits).take([cell], fits, place)

    def _group(self, found: Fits) -> Group:
        group = self.groups.get(found)
        if group is None:
            group = self.groups[found] = Group()
        return group

    def _fits(self, text: str, live: frozenset[str] | None) -> Fits:
        found = spellings.fits(text, live)
        spelling = self._spelling
        if spelling and spelling not in found and spellings.fits_spelling(text, spelling):
            return found | {spelling}
        return found


@functools.lru_cache(maxsize=1024)
def _ways(found: Fits) -> tuple[Marks, ...]:
    """Return the simplest way to read a number for each decimal mark that it may have."""
    simplest: dict[str, Marks] = {}
    for one in sorted(found):
        if one.kind in NUMERIC and one.marks.decimal:
            simplest.setdefault(one.marks.decimal, one.marks)
    return tuple(simplest.values())


def _floats(texts: list[str], marks: Marks) -> list[float]:
    if marks == numbers.PLAIN:
        return list(map(float, texts))
    return [float(numbers.canonical(text, marks) or "nan") for text in texts]
