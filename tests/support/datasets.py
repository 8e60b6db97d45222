"""The function `datasets` over stores in memory, with a queue that is delivered by hand."""

from collections.abc import Callable
from typing import Any

from functions.datasets.adapters.files.formats import FileTables
from functions.datasets.adapters.memory_changes import MemoryChanges
from functions.datasets.adapters.memory_connections import MemoryConnections
from functions.datasets.adapters.memory_datasets import (
    MemoryDatabase,
    MemoryDatasets,
    MemoryImports,
)
from functions.datasets.adapters.memory_records import MemoryRecords
from functions.datasets.adapters.sources.fetching import Fetcher
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model.asked import Asked, Source
from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports import StoredImport
from functions.datasets.model.made import Origin
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.many import ManyRecords
from functions.datasets.service.changing.plans import Stores
from functions.datasets.service.changing.starter import Starter
from functions.datasets.service.changing.undoing import Undoing
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.deleting import Remover
from functions.datasets.service.exports import Exports
from functions.datasets.service.history import History
from functions.datasets.service.importing import Importer
from functions.datasets.service.imports.checking import Checker
from functions.datasets.service.imports.imports import Imports
from functions.datasets.service.imports.steps import ImportSteps
from functions.datasets.service.imports.writing import Writer
from functions.datasets.service.lists import Lists
from functions.datasets.service.opening import Opener
from functions.datasets.service.preview import Previewer
from functions.datasets.service.profiles import Profiles
from functions.datasets.service.pushing import Pushes
from functions.datasets.service.read_model.bases import PROCESSED, folder
from functions.datasets.service.read_model.parts import read_model
from functions.datasets.service.read_model.ports import ChangeParts
from functions.datasets.service.records import Records
from functions.datasets.service.scheduling import Schedules
from functions.datasets.service.schema_edits import SchemaEditor
from functions.datasets.service.snapshots import Snapshots
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.memory_bucket import MemoryBucket
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import NotFound
from functions.kit.contract.identity import OWNER
from functions.kit.contract.steps import Step
from functions.kit.contract.workspaces import MAIN, Place
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner

# Bytes that a packed file may unpack to.
MOST = 2_000_000
MEBIBYTE = 1024**2
A = Place(MAIN, "a")
"""Where most tests have their dataset."""


def dataset(place: Place = A, **fields: object) -> Stored:
    """Return a dataset of two rows that is ready, but for the fields that are given."""
    dataset_id = place.name
    usual: dict[str, object] = {
        "id": dataset_id,
        "name": dataset_id,
        "workspace": place.workspace,
        "state": "ready",
        "rows": 2,
        "rows_done": 2,
        "revision": 1,
        "columns": [Column("n", "integer")],
        "created_at": START,
        "updated_at": START,
        "file": f"imports/{dataset_id}.csv",
        "sha256": "s",
        "delimiter": ",",
        "offset": 2,
        "last_row": 2,
    }
    return Stored(**{**usual, **fields})  # type: ignore[arg-type] # a test's own fields


class House:
    """All services of the function, wired as `main.py` wires them.

    Args:
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
        log: another log for tables to read than the house's own.
    """

    def __init__(
        self,
        around: Callable[[Any], Any] = lambda it: it,
        queue: Any = None,
        log: ChangeParts | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.due = MemorySteps("datasets", self.clock)
        self.database = MemoryDatabase(self.due)
        self.store = MemoryDatasets(self.database)
        self.rows = MemoryRecords(self.database)
        self.bucket = MemoryBucket(self.clock)
        self.queue: Any = queue if queue is not None else MemoryQueue()
        store, rows, bucket = around(self.store), around(self.rows), around(self.bucket)
        due, hints = around(self.due), Hints(around(self.queue))
        self.lookout = Lookout(due, hints, self.clock)
        runner = StepRunner(due, hints, self.clock)
        steps = (store, rows, bucket, runner, hints, self.clock)
        self.log = MemoryChanges(self.database)
        changes = around(self.log)
        self.tables = read_model(
            store, rows, bucket, Tables(MEBIBYTE), self.clock, 2 * MEBIBYTE, log or changes
        )
        self.importer = Importer(*steps, rows=self.tables.imported)
        self.remover = Remover(*steps)
        editor = SchemaEditor(store, rows, self.clock)
        opener = Opener(FileTables(), MOST)
        jobs = around(MemoryImports(self.database))
        self.connections = MemoryConnections()
        fetcher = Fetcher(self.connections, MOST)
        works = Checker(rows, bucket, opener), Writer(rows, changes, bucket, self.clock)
        parts = (store, jobs, bucket, around(fetcher), *works)
        self.import_steps = ImportSteps(*parts, runner, self.clock)
        self.imports = Imports(store, jobs, bucket, hints, self.lookout, self.clock)
        self.schedules = Schedules(store, self.imports, runner, self.clock)
        self.pushes = Pushes(store, self.clock)
        does = (self.importer, self.remover, editor, self.lookout)
        self.previewer = Previewer(opener)
        self.datasets = Datasets(store, bucket, opener, *does, self.clock)
        self.records = Records(store, rows, self.clock)
        stores = Stores(rows, changes)
        self.changer = Changer(*steps, stores.log)
        starter = Starter(store, stores, self.changer, self.clock)
        self.history = History(store, rows, stores.log)
        self.many = ManyRecords(store, stores, starter)
        self.undoing = Undoing(store, stores.log, starter, editor, self.clock)
        current, forms = self.tables.current, self.tables.files
        self.lists = Lists(store, rows, current)
        self.snapshots = Snapshots(store, current, bucket, forms, self.clock)
        self.exports = Exports(current, forms)
        self.profiles = Profiles(store, current, forms, bucket)

    def upload(
        self,
        text: str | bytes,
        place: Place = A,
        request: str | None = None,
        said: Overrule | None = None,
    ) -> Stored:
        origin = Origin(place.workspace, OWNER, request)
        data = text.encode() if isinstance(text, str) else text
        return self.datasets.create(origin, place.name, iter([data]), said)

    def bring(
        self, text: str | bytes, place: Place = A, request: str | None = None, **asked: Any
    ) -> StoredImport:
        """Ask for an import of a file into a dataset."""
        data = text.encode() if isinstance(text, str) else text
        origin = Origin(place.workspace, OWNER, request)
        wanted = Asked(**{"mode": "append", **asked})
        return self.imports.begin(place, origin, wanted, Source(), iter([data]))

    def brought(self, text: str | bytes, place: Place = A, **asked: Any) -> StoredImport:
        """Import it; return what became of it."""
        begun = self.bring(text, place, **asked)
        self.deliver()
        return self.imports.get(place, begun.id)

    def deliver(self) -> int:
        """Run the queued steps, and those that they queue; return how many there were."""
        count = 0
        while self.queue.messages:
            self.look(self.queue.messages.popleft())
            count += 1
        return count

    def look(self, step: Step) -> None:
        """Have one step looked at, as its route does."""
        if step.path.endswith("/schedule"):
            *above, _, dataset_id, _ = step.path.strip("/").split("/")
            self.schedules.step(Place(above[-1] if above else MAIN, dataset_id))
            return
        if "/imports/" in step.path:
            *above, _, dataset_id, _, number = step.path.strip("/").split("/")
            self.import_steps.step(Place(above[-1] if above else MAIN, dataset_id), number)
            return
        *above, _, dataset_id, verb = step.path.strip("/").split("/")
        workspace = above[-1] if above else MAIN
        place = Place(workspace, dataset_id)
        if verb == "change":
            self.changer.step(place)
        else:
            {"import": self.importer, "remove": self.remover}[verb].step(place)

    def load(self, text: str | bytes, place: Place = A, said: Overrule | None = None) -> Stored:
        """Upload and import."""
        made = self.upload(text, place, said=said)
        self.deliver()
        return self.datasets.get(made.place)

    @property
    def files(self) -> dict[str, bytes]:
        """What the bucket has beside tables."""
        return {path: data for path, data in self.bucket.stored.items() if PROCESSED not in path}

    def tables_of(self, place: Place) -> list[str]:
        """Return the files of a dataset's tables."""
        return [path for path in self.bucket.stored if path.startswith(folder(place))]

    def values(self, place: Place = A) -> list[dict[str, object]]:
        """Return the values of all records as they show, in order; none of what is gone."""
        try:
            moment = self.store.find(place).moment
        except NotFound:
            moment = None
        return [record.values for record in self.rows.read(place, moment=moment)]


def anyone(_: int) -> bool:
    """Stand for a caller without If-Match."""
    return True
