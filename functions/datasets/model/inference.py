"""What kind of values each column holds, found in one pass over the rows with flat memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from functions.datasets.model import cells, limits
from functions.datasets.model.csv_rows import Reader, Refused, Row
from functions.datasets.model.dataset import schema_flaws
from functions.kit.contract.batches import batches
from functions.kit.contract.columns import Column, Kind
from functions.kit.contract.errors import Flaw

# Rows that are looked at together, and how many bytes of the file they may be.
BATCH = 1_000
BATCH_BYTES = 4 * 1024 * 1024
# A column of text is a category when it has few different values, each seen twice on average.
CATEGORY_VALUES = 50
NUMERIC: tuple[Kind, ...] = ("integer", "number")
LONGEST_INTEGER = 18
# The strictest kind first: the first that fits every cell is the column's.
CANDIDATES: tuple[Kind, ...] = ("boolean", "integer", "number", "datetime")


class Guess:
    """What is known of one column so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._kinds = list(CANDIDATES)
        self._blank = 0
        self._words = 0
        self._present = 0
        self._distinct: set[str] = set()
        self._infinite: list[Flaw] = []

    def add(self, first: int, column: Sequence[str]) -> None:
        """Take the next cells of the column; `first` is the row number of the first of them."""
        present = [cell for cell in column if cell and not cell.isspace()]
        self._blank += len(column) - len(present)
        self._present += len(present)
        if len(self._distinct) <= CATEGORY_VALUES:
            self._distinct.update(present)
        if self._kinds:
            self._narrow(first, column, present)

    def _narrow(self, first: int, column: Sequence[str], present: list[str]) -> None:
        """Drop the kinds that some of the cells are not of."""
        texts = {cell.strip() for cell in set(present)}
        if words := texts & cells.MISSING_WORDS:
            self._words += sum(cell.strip() in words for cell in present)
            texts -= words
        kinds = self._fitting(texts)
        if "number" in self._kinds and "number" not in kinds:
            # Infinity among numbers is a flaw, not a reason to take the column for text.
            kinds = self._without_infinity(first, column, texts) or kinds
        self._kinds = kinds

    def _without_infinity(self, first: int, column: Sequence[str], texts: set[str]) -> list[Kind]:
        infinite = {text for text in texts if cells.is_infinite(text)}
        if not infinite:
            return []
        self._note_infinite(first, column, infinite)
        return [kind for kind in self._fitting(texts - infinite) if kind in NUMERIC]

    def _fitting(self, texts: set[str]) -> list[Kind]:
        return [kind for kind in self._kinds if all(_fits(kind, text) for text in texts)]

    def _note_infinite(self, first: int, column: Sequence[str], infinite: set[str]) -> None:
        reason = "not a finite number; leave the cell empty if the value is missing"
        found = [
            Flaw(reason, row=row, column=self.name, value=cell[:80])
            for row, cell in enumerate(column, first)
            if cell.strip() in infinite
        ]
        self._infinite = (self._infinite + found)[: limits.FLAWS]

    def column(self) -> Column:
        """Return the column as all its cells say."""
        kind = self._kind()
        missing = self._blank + (self._words if kind in CANDIDATES else 0)
        return Column(self.name, kind, required=missing == 0)

    def flaws(self) -> list[Flaw]:
        """Return the infinities of a column that is otherwise of numbers."""
        return self._infinite if self._kind() in NUMERIC else []

    def _kind(self) -> Kind:
        if self._kinds and self._present > self._words:
            return self._kinds[0]
        few = 0 < len(self._distinct) <= CATEGORY_VALUES
        return "category" if few and 2 * len(self._distinct) <= self._present else "text"


def _fits(kind: Kind, text: str) -> bool:
    # A float keeps 15 digits: more of them without a point are a code, which must stay whole.
    code = len(text) > LONGEST_INTEGER and text.lstrip("+-").isdecimal()
    try:
        cells.PARSERS["integer" if code else kind](text)
    except cells.NotOfKind:
        return False
    return True


class Schema:
    """The columns of a file, guessed from its rows as they stream by."""

    def __init__(self, header: Iterable[str]) -> None:
        self._guesses = [Guess(name) for name in header]
        self.rows = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take some rows, in the order of the file."""
        columns = zip(*(row.cells for row in rows), strict=True)
        for guess, column in zip(self._guesses, columns, strict=True):
            guess.add(rows[0].number, column)
        self.rows = rows[-1].number

    def columns(self) -> list[Column]:
        """Return the columns; raises Refused for infinity among numbers, or too much in all."""
        flaws = [flaw for guess in self._guesses for flaw in guess.flaws()]
        if flaws:
            flaws.sort(key=lambda flaw: flaw.row or 0)
            raise Refused(flaws[: limits.FLAWS])
        columns = [guess.column() for guess in self._guesses]
        if too_large := schema_flaws(columns):
            raise Refused(too_large)
        return columns


def looks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Part rows, in the order of the file, into those that are looked at together."""
    return batches(rows, _size(), BATCH_BYTES, BATCH)


def _size() -> Callable[[Row], int]:
    """Return what tells how many bytes of the file each row takes, asked in their order."""
    end = 0

    def size(row: Row) -> int:
        nonlocal end
        begin, end = end, row.end
        return end - begin

    return size


def infer(reader: Reader) -> Schema:
    """Read a whole file and return its schema.

    Raises:
        Refused: the file has flaws.
    """
    schema: Schema | None = None
    for batch in looks(reader):
        if schema is None:
            schema = Schema(reader.header)
        if not reader.flaws:
            schema.add(batch)
    if reader.flaws:
        raise Refused(reader.flaws)
    if schema is None:
        raise Refused([Flaw("the file has no rows")])
    return schema
