"""The read model put together."""

from typing import NamedTuple

from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.past import PastRecords
from functions.datasets.service.ports import DatasetStore, RecordStore
from functions.datasets.service.read_model.bases import Bases
from functions.datasets.service.read_model.current import CurrentTables
from functions.datasets.service.read_model.imported import ImportedRows
from functions.datasets.service.read_model.later import LaterTables
from functions.datasets.service.read_model.part_files import PartFiles
from functions.datasets.service.read_model.ports import TableFiles
from functions.kit.contract.ports import Bucket, Clock


class ReadModel(NamedTuple):
    """What gives tables, and what makes the first one of each dataset, and parts of later ones."""

    current: CurrentTables
    imported: ImportedRows
    parts: PartFiles
    files: TableFiles
    past: PastRecords


def read_model(
    store: DatasetStore,
    records: RecordStore,
    bucket: Bucket,
    tables: TableFiles,
    clock: Clock,
    most_bytes: int,
    changes: ChangeLog,
) -> ReadModel:
    """Return the read model over some stores.

    Args:
        store: the datasets.
        records: their records.
        bucket: keeps files of tables.
        tables: makes and reads them.
        clock: tells which are old.
        most_bytes: what all tables that are held may take in memory.
        changes: what was changed of the records.
    """
    bases = Bases(bucket, tables, clock)
    parts = PartFiles(bucket, tables)
    past = PastRecords(store, records, changes)
    later = LaterTables(past, changes, parts)
    current = CurrentTables(store, past, later, bases, tables, most_bytes)
    imported = ImportedRows(store, records, bucket, bases, tables, clock)
    return ReadModel(current, imported, parts, tables, past)
