"""What an import leaves for lists: its records as a part of the next table, so none reads them."""

from collections.abc import Iterator

import structlog

from functions.datasets.model.dataset import Record, Stored
from functions.datasets.model.imports.imports import StoredImport
from functions.datasets.model.table_parts import TablePart
from functions.datasets.service.imports import plans
from functions.datasets.service.read_model.current import CurrentTables, Incomplete
from functions.datasets.service.read_model.part_files import PartFiles
from functions.datasets.service.turns import Turn
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError
from functions.kit.contract.ports import Bucket

log = structlog.get_logger()

WORTH_A_FILE = 450
"""Rows of a plan, or records that it removes: of fewer the log tells as soon."""


class ImportTables:
    """Makes the tables of imports."""

    def __init__(self, files: Bucket, parts: PartFiles, tables: CurrentTables) -> None:
        self._files = files
        self._parts = parts
        self._tables = tables

    def part(self, dataset: Stored, job: StoredImport, turn: Turn) -> TablePart | None:
        """Return a file with what an import, which is written and does not show yet, puts."""
        is_whole = job.asked.mode == "replace"
        removed = dataset.rows if is_whole else 0
        if job.rows + removed < WORTH_A_FILE:
            return None
        records = turn.passing(self._records(dataset, job))
        return self._parts.write(dataset, records, is_whole=is_whole)

    def _records(self, dataset: Stored, job: StoredImport) -> Iterator[Record]:
        for _, rows in plans.read(self._files.chunks(job.plan), 0):
            yield from plans.records(rows, dataset.last_row)

    def fold(self, place: Place) -> None:
        """Put the parts and the table before them together, once they are many; never fails."""
        try:
            self._tables.fold(place)
        except (DomainError, Incomplete) as error:
            log.warning("table not folded", dataset="/".join(place), error=str(error))
