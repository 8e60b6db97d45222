"""Files with the records that one change puts: the import writes them while it has them at hand.

The dataset's document names them, in the transaction that lets the change show: so a file of an
import that was cancelled, or of a turn that was killed, is never taken for what there is. Without a
file the records are read by the log, which only takes longer.
"""

from collections.abc import Iterable
from uuid import uuid4

import structlog

from functions.datasets.model.cells import NotOfKind
from functions.datasets.model.dataset import Record, Stored
from functions.datasets.model.table_parts import TablePart
from functions.datasets.service.read_model.bases import stem
from functions.datasets.service.read_model.ports import Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.batches import batches
from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Bucket

log = structlog.get_logger()

READ = 2_000
"""Records that are put into a file in one go."""


class PartFiles:
    """Writes and reads such files."""

    def __init__(self, files: Bucket, tables: TableFiles) -> None:
        self._files = files
        self._tables = tables

    def write(
        self, dataset: Stored, records: Iterable[Record], *, is_whole: bool
    ) -> TablePart | None:
        """Store the records that the next revision puts; None where they could not be stored.

        A store that is full, or away, is no fault of who imports.
        """
        revision = dataset.revision + 1
        path = f"{stem(dataset)}n{revision:012}-{uuid4().hex}.parquet"
        note: dict[str, object] = {"revision": revision}
        values = StoredValues(dataset.columns)
        try:
            with scratch() as file:
                with self._tables.writer(file, dataset.columns, note) as writer:
                    for some in batches(records, lambda _: 1, READ):
                        writer.add(values.shown(some))
                    note["cast"] = sorted(values.cast)
                self._files.upload(path, file, self._tables.media_type)
        except (Transient, OSError) as error:
            log.warning("part not kept", dataset="/".join(dataset.place), error=str(error))
            return None
        return TablePart(revision=revision, path=path, rows=writer.rows, is_whole=is_whole)

    def load(self, dataset: Stored, part: TablePart) -> Table | None:
        """Return the records of a part, in the columns of today; None where that cannot be had."""
        try:
            with scratch() as file:
                self._files.download(part.path, file)
                file.seek(0)
                found: Table = self._tables.load(file)
            return found.conformed(part.revision, dataset.columns)
        except (Transient, FileNotFoundError, NotOfKind) as error:
            log.warning("part not read", dataset="/".join(dataset.place), error=str(error))
            return None
