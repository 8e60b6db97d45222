"""What the read model needs: tables in memory and as files, and the log of what was changed.

`adapters/tables` gives the first two; the log is the datasets' own (`adapters/firestore_*`).
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol

import msgspec

from functions.datasets.model.dataset import Record
from functions.datasets.model.profile.cells import ColumnCells
from functions.datasets.model.queries.order import Mark
from functions.datasets.model.queries.query import Query
from functions.datasets.model.queries.where import Expression
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.columns import Column


class Revised(Protocol):
    """Which revision a change made."""

    @property
    def revision(self) -> int:
        """Its number."""


class Edited(Protocol):
    """One record that was changed.

    Attributes:
        id: of the record.
        version: that it has since.
        after: its values as they are stored since; None where it is no more. UNSET where another
            part of the change says that.
    """

    @property
    def id(self) -> str:
        """See above."""

    @property
    def version(self) -> int:
        """See above."""

    @property
    def after(self) -> dict[str, Any] | msgspec.UnsetType | None:
        """See above."""


class ChangePart(Protocol):
    """What one change, or a part of it, made of which records.

    Attributes:
        change: which it is.
        edits: of records, one by one.
        rows: the first and the last row of new records that have no edits.
    """

    @property
    def change(self) -> Revised:
        """See above."""

    @property
    def edits(self) -> Sequence[Edited]:
        """See above."""

    @property
    def rows(self) -> tuple[int, int] | None:
        """See above."""


class ChangeParts(Protocol):
    """Tells what was changed, revision by revision."""

    def parts(self, place: Place, after: int, upto: int) -> Iterator[ChangePart]:
        """Yield the parts of the changes after a revision up to another one, in order.

        A revision that has none was not logged.
        """


class Table(Protocol):
    """All rows of one revision; it never changes.

    Attributes:
        revision: whose rows they are.
        columns: of the rows.
        rows: how many.
        bytes: what they take in memory.
        changes: records that were changed since the table was read from its file.
    """

    revision: int
    columns: list[Column]
    changes: int

    @property
    def rows(self) -> int:
        """See above."""

    @property
    def bytes(self) -> int:
        """See above."""

    def page(self, query: Query, mark: Mark | None, most: int) -> list[Record]:
        """Return the first records that are asked for, those behind a mark alone."""

    def count(self, where: Expression) -> int:
        """Return how many records meet a condition."""

    def changed(
        self, revision: int, put: Sequence[Record], gone: Collection[int], cast: Collection[str]
    ) -> "Table":
        """Return the table of a later revision.

        Args:
            revision: the later one.
            put: records that are new or other since, of the columns' kinds.
            gone: row numbers of those that are no more.
            cast: columns of which `put` has values that are stored as another kind.
        """

    def joined(self, part: Any) -> "Table":
        """Return the table of the revision of a part: its records, in the place of their like.

        `part` is a table of the same columns, whose records one change put.
        """

    def conformed(self, revision: int, columns: Sequence[Column]) -> "Table | None":
        """Return the table with other columns; None where the stored values are needed for that.

        Raises:
            NotOfKind: a value cannot be of its column's kind.
        """


class TableWriter(Protocol):
    """Takes the rows of a file of a table.

    Attributes:
        rows: how many there are so far.
    """

    rows: int

    def add(self, records: Sequence[Record]) -> None:
        """Take records, whose values are of the columns' kinds."""

    def add_file(self, file: IO[bytes]) -> None:
        """Take all records of a file of the same columns."""


class TableFiles(Protocol):
    """Writes and reads tables as files."""

    media_type: str

    def writer(
        self, file: IO[bytes], columns: Sequence[Column], note: dict[str, Any]
    ) -> AbstractContextManager[TableWriter]:
        """Return what takes the rows of a file; it is whole when the block ends.

        `note` has `revision`, and the columns that were `cast`; it is read at the end.
        """

    def write(self, file: IO[bytes], table: Any) -> None:
        """Write a table."""

    def load(self, file: IO[bytes]) -> Any:
        """Return the table that a file holds."""

    def snapshot(self, file: IO[bytes], table: Any, query: Query) -> int:
        """Write the rows that a query asks for, without ids; return how many there were."""

    def columns(self, table: Any) -> list[ColumnCells]:
        """Return a table's columns as arrays, with its rows by id."""

    def csv(self, table: Any, query: Query, *, plain: bool) -> Iterator[bytes]:
        """Yield the rows that a query asks for as CSV; `plain`: without formulas."""

    def json_lines(self, table: Any, query: Query) -> Iterator[bytes]:
        """Yield the rows that a query asks for as lines of JSON."""
