"""A dataset's rows as a file for others: all of them or some, in whichever order."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from functions.datasets.model.dataset import Stored
from functions.datasets.model.queries import query
from functions.datasets.model.queries.query import Asked, Query
from functions.datasets.service.read_model.current import CurrentTables
from functions.datasets.service.read_model.ports import Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.kit.contract.access.workspaces import Place

Form = Literal["csv", "parquet", "jsonl"]
CHUNK = 256 * 1024


class Export(NamedTuple):
    """A dataset, and the content of the file in pieces."""

    dataset: Stored
    content: Iterator[bytes]


class Exports:
    """Gives files of the newest revision's rows."""

    def __init__(self, tables: CurrentTables, files: TableFiles) -> None:
        self._tables = tables
        self._files = files

    def open(self, place: Place, form: Form, asked: Asked, *, plain: bool = False) -> Export:
        """Return the rows that are asked for as a file; `plain`: a CSV without formulas.

        Later edits do not show in it.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready.
            Unreadable: a condition or the order cannot be used; it names the place.
        """
        dataset, table = self._tables.of(place)
        wanted = query.read(asked, dataset.columns)
        if form == "csv":
            return Export(dataset, self._files.csv(table, wanted, plain=plain))
        if form == "jsonl":
            return Export(dataset, self._files.json_lines(table, wanted))
        return Export(dataset, self._parquet(table, wanted))

    def _parquet(self, table: Table, wanted: Query) -> Iterator[bytes]:
        with scratch() as file:
            self._files.snapshot(file, table, wanted)
            file.seek(0)
            while chunk := file.read(CHUNK):
                yield chunk
