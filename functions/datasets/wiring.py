"""Puts the services together over what is outside of the process."""

from typing import Any, NamedTuple

from functions.datasets.model.imports.turns import Caps
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.history import History
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.changing.many import ManyRecords
from functions.datasets.service.changing.named import NamedRecords
from functions.datasets.service.changing.plans import Stores
from functions.datasets.service.changing.starter import Starter
from functions.datasets.service.changing.undoing import Undoing
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.files.opening import Opener
from functions.datasets.service.files.preview import Previewer
from functions.datasets.service.imports.checking import Checker
from functions.datasets.service.imports.connections import Connections
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.imports.ports import ConnectionStore, Fetcher, ImportStore
from functions.datasets.service.imports.pushing import Pushes
from functions.datasets.service.imports.scheduling import Schedules
from functions.datasets.service.imports.steps import ImportSteps, Works
from functions.datasets.service.imports.tables import ImportTables
from functions.datasets.service.imports.writing import Writer
from functions.datasets.service.ports import DatasetStore, RecordStore, TableSource
from functions.datasets.service.read_model.parts import ReadModel, read_model
from functions.datasets.service.read_model.ports import TableFiles
from functions.datasets.service.records import Records
from functions.datasets.service.schema_edits import SchemaEditor
from functions.datasets.service.tables.exports import Exports
from functions.datasets.service.tables.lists import Lists
from functions.datasets.service.tables.profiles import Profiles
from functions.datasets.service.tables.snapshots import Snapshots
from functions.datasets.service.turns import Turns, TurnStore, Watch
from functions.datasets.transport.routes import Services
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner


class Steps(NamedTuple):
    """Has steps looked at, carries them out, and looks after those that were lost."""

    hints: Hints
    runner: StepRunner
    lookout: Lookout


class Limits(NamedTuple):
    """Bytes of the largest file that is taken, of all tables that are held; imports at a time."""

    upload: int
    tables: int
    imports: Caps = Caps()


class Brought(NamedTuple):
    """Keeps imports into datasets, connections to databases, and turns; fetches rows."""

    imports: ImportStore
    connections: ConnectionStore
    fetcher: Fetcher
    turns: TurnStore


class Outside(NamedTuple):
    """What the services work with.

    Attributes:
        store: the datasets.
        records: of them.
        log: of their changes.
        bucket: keeps files.
        sources: opens files of tables that are no text.
        forms: writes and reads tables as files.
        brought: rows that are brought into datasets later.
        steps: what goes on in steps.
        clock: tells the time.
        limits: of what is taken and held.
    """

    store: DatasetStore
    records: RecordStore
    log: ChangeLog
    bucket: Bucket
    sources: TableSource
    forms: TableFiles
    brought: Brought
    steps: Steps
    clock: Clock
    limits: Limits


def tables_of(outside: Outside) -> ReadModel:
    """Return what gives the tables of datasets."""
    store, records, bucket, forms = outside.store, outside.records, outside.bucket, outside.forms
    return read_model(
        store, records, bucket, forms, outside.clock, outside.limits.tables, outside.log
    )


def services_of(outside: Outside, tables: ReadModel) -> Services:
    """Return all services, over the stores of `outside` and the tables of `tables_of`."""
    store, records, bucket, clock = outside.store, outside.records, outside.bucket, outside.clock
    going_on = (store, records, bucket, outside.steps.runner, outside.steps.hints, clock)
    turns = Turns(outside.brought.turns, outside.limits.imports, outside.steps.hints, clock)
    importer = Importer(*going_on, rows=tables.imported, turns=turns)
    remover = Remover(*going_on)
    changer = Changer(*going_on, changes=outside.log)
    starter = Starter(store, Stores(records, outside.log), changer, clock)
    editor = SchemaEditor(store, records, clock)
    opener = Opener(outside.sources, outside.limits.upload)
    carriers = (importer, remover, editor, Watch(outside.steps.lookout, turns))
    return Services(
        datasets=Datasets(store, bucket, opener, *carriers, clock),
        records=Records(store, tables.past, clock),
        history=History(store, tables.past, outside.log),
        many=ManyRecords(store, starter, tables.current),
        named=NamedRecords(store, clock),
        undoing=Undoing(store, outside.log, starter, editor, outside.steps.lookout, clock),
        changer=changer,
        previewer=Previewer(opener),
        lists=Lists(store, tables.past, tables.current),
        snapshots=Snapshots(store, tables.current, bucket, tables.files, clock),
        exports=Exports(tables.current, tables.files),
        profiles=Profiles(store, tables.current, tables.files, bucket),
        importer=importer,
        remover=remover,
        **_bringing(outside, opener, tables, turns),
        max_upload_bytes=outside.limits.upload,
    )


def _bringing(outside: Outside, opener: Opener, tables: ReadModel, turns: Turns) -> dict[str, Any]:
    """Return the services that bring rows into datasets that are there."""
    store, records, bucket, clock = outside.store, outside.records, outside.bucket, outside.clock
    jobs, connections, fetcher, _ = outside.brought
    hints, runner, lookout = outside.steps
    works = Works(
        turns,
        fetcher,
        Checker(records, bucket, opener),
        Writer(records, outside.log, bucket, clock),
        ImportTables(bucket, tables.parts, tables.current),
    )
    imports = Imports(store, jobs, outside.log, bucket, hints, Watch(lookout, turns), clock)
    return {
        "imports": imports,
        "import_steps": ImportSteps(store, jobs, bucket, works, runner, clock),
        "connections": Connections(connections),
        "fetcher": fetcher,
        "pushes": Pushes(store, clock),
        "schedules": Schedules(store, imports, runner, clock),
    }
