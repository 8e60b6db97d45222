"""The rows of a file against a dataset's columns: each as values, or with its flaws."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from functions.datasets.model import cells, limits
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Stored
from functions.datasets.model.files.csv_rows import Refused, Row
from functions.datasets.model.imports.asked import Asked
from functions.datasets.model.schema import fault
from functions.datasets.service.files.opening import Opened, Opener
from functions.datasets.service.imports.readings import parsers_of, said_of
from functions.kit.contract.errors import DomainError, Flaw, Transient
from functions.kit.contract.records.columns import Column

LONGEST_SHOWN = 80
# Flaws of a row after which it is not known where the next one begins.
_LOSING = ("never closed", "with a line end", "a line is longer")


@dataclass
class Checked:
    """One row: its values by column, its flaws, and its cells as they came, below a header."""

    number: int
    header: list[str]
    cells: list[str]
    values: dict[str, Value] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class Table:
    """A file as rows for a dataset.

    Args:
        opener: opens files.
        chunks: gives the file, as often as it is asked for.
        dataset: whose rows they are to be.
        asked: how they are to be imported.

    Attributes:
        flaws: of the file as a whole, for which none of its rows can be taken; after iteration.
    """

    def __init__(
        self,
        opener: Opener,
        chunks: Callable[[], Iterator[bytes]],
        dataset: Stored,
        asked: Asked,
    ) -> None:
        self.flaws: list[Flaw] = []
        self._opener = opener
        self._chunks = chunks
        self._dataset = dataset
        self._columns = {column.name: column for column in dataset.columns}
        self._asked = asked
        self._header: list[str] = []

    def __iter__(self) -> Iterator[Checked]:
        """Yield the rows, the good and the bad ones, in their order.

        Raises:
            FileNotFoundError: the file is gone.
            Transient: it cannot be read now.
        """
        try:
            with self._opened() as opened:
                yield from self._rows(opened)
        except Refused as error:
            self.flaws.extend(error.flaws)
        except Transient:
            raise  # a store that is away says nothing of the file
        except DomainError as error:
            self.flaws.append(Flaw(error.detail))

    @contextmanager
    def _opened(self) -> Iterator[Opened]:
        """Open the file by its content; in the encoding of the last one where it does not say."""
        said = said_of(self._dataset, self._asked)
        kept = self._dataset.reading
        with self._opener.open(self._chunks(), said, _drop) as opened:
            is_sure = all(question.what != "encoding" for question in opened.questions)
            if is_sure or kept is None:
                yield opened
                return
        said.dialect.encoding = kept.dialect.encoding
        with self._opener.open(self._chunks(), said, _drop) as opened:
            yield opened

    def _rows(self, opened: Opened) -> Iterator[Checked]:
        found = opened.rows
        self._parsers = parsers_of(self._dataset, self._asked, opened.dialect)
        for row in found:
            if len(found.header) != len(self._header):
                self._see_header(found.header, opened.dialect.format)
            yield from self._unreadable(found.flaws)
            if self.flaws:
                return
            yield self._checked(row)
        yield from self._unreadable(found.flaws)

    def _see_header(self, header: Sequence[str], form: str) -> None:
        self._header = list(header)
        self.flaws.extend(header_flaws(header, self._columns, self._asked, whole=form != "jsonl"))

    def _unreadable(self, flaws: list[Flaw]) -> Iterator[Checked]:
        """Yield the rows that could not be parted into cells since the last good one.

        A reader gives up after so many of them that it is no table.
        """
        if _lose(flaws) or len(flaws) >= limits.FLAWS:
            self.flaws.extend(flaws)
            return
        for flaw in flaws:
            yield Checked(flaw.row or 0, self._header, [], flaws=[flaw])
        flaws.clear()

    def _checked(self, row: Row) -> Checked:
        checked = Checked(row.number, self._header, row.cells)
        for name, cell in zip(self._header, row.cells, strict=True):
            column = self._columns[name]
            try:
                value = self._parsers[name](cell)
                reason = fault(column, value)
            except cells.NotOfKind as error:
                value, reason = None, str(error)
            if reason:
                shown = cell[:LONGEST_SHOWN] or None
                checked.flaws.append(Flaw(reason, row.number, name, shown))
            checked.values[name] = value
        return checked


def _drop(_: bytes) -> None:
    """Keep nothing: the file is kept as it came."""


def _lose(flaws: Sequence[Flaw]) -> bool:
    """Tell whether some flaws are of more than the rows that they name."""
    return any(flaw.row is None or any(word in flaw.reason for word in _LOSING) for flaw in flaws)


def header_flaws(
    header: Sequence[str], columns: dict[str, Column], asked: Asked, *, whole: bool
) -> Iterator[Flaw]:
    """Say why a file with this header cannot be imported as it is asked for.

    Args:
        header: the columns of the file.
        columns: of the dataset.
        asked: how it is to be imported.
        whole: whether all rows have the columns of the first one.
    """
    for name in header:
        if name not in columns:
            yield Flaw("the dataset has no such column; leave it out, or rename it", column=name)
    if not whole:
        return
    for name in asked.key:
        if name not in header:
            yield Flaw("the file has no such column, and it is a key", column=name)
    if asked.mode != "upsert":  # which changes no more than the file has
        yield from missing_flaws(header, columns)


def missing_flaws(
    header: Iterable[str], columns: dict[str, Column], row: int | None = None
) -> Iterator[Flaw]:
    """Name the columns that every record must have, and that are not there."""
    found = set(header)
    for column in columns.values():
        if column.required and column.name not in found:
            yield Flaw("a value is required, and the file has no such column", row, column.name)
