"""The function `datasets` over stores in memory, with a queue that is delivered by hand."""

from collections.abc import Callable
from typing import Any, NamedTuple

from functions.datasets import wiring
from functions.datasets.adapters.files.formats import FileTables
from functions.datasets.adapters.memory.changes import MemoryChanges
from functions.datasets.adapters.memory.connections import MemoryConnections
from functions.datasets.adapters.memory.datasets import MemoryDatabase, MemoryDatasets
from functions.datasets.adapters.memory.imports import MemoryImports
from functions.datasets.adapters.memory.records import MemoryRecords
from functions.datasets.adapters.memory.turns import MemoryTurns
from functions.datasets.adapters.sources.fetching import Fetcher
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.model.dataset import Stored
from functions.datasets.model.imports.asked import Asked, Source
from functions.datasets.model.imports.imports import StoredImport
from functions.datasets.model.imports.turns import Caps
from functions.datasets.model.made import Origin
from functions.datasets.model.reading.shapes import Overrule
from functions.datasets.service.read_model.bases import PROCESSED, folder
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.ports import Clock
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import Step
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


class Kept(NamedTuple):
    """The stores of a house; `database` is what those in memory share."""

    due: Any
    store: Any
    rows: Any
    log: Any
    imports: Any
    turns: Any
    database: Any = None


def in_memory(clock: Clock) -> Kept:
    """Return stores in memory."""
    due = MemorySteps("datasets", clock)
    database = MemoryDatabase(due, clock)
    stores = MemoryDatasets(database), MemoryRecords(database), MemoryChanges(database)
    return Kept(due, *stores, MemoryImports(database), MemoryTurns(), database)


class House:
    """All services of the function, over stores in memory.

    Args:
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
        caps: how many imports work at a time.
        kept: makes other stores.
    """

    def __init__(
        self,
        around: Callable[[Any], Any] = lambda it: it,
        queue: Any = None,
        caps: Caps | None = None,
        kept: Callable[[Clock], Kept] = in_memory,
    ) -> None:
        self.clock = ManualClock()
        self.kept = kept(self.clock)
        self.due, self.store, self.rows, self.log, jobs, self.turns, self.database = self.kept
        self.bucket = MemoryBucket(self.clock)
        self.queue: Any = queue if queue is not None else MemoryQueue()
        due, hints = around(self.due), Hints(around(self.queue))
        self.lookout = Lookout(due, hints, self.clock)
        stores = (around(self.store), around(self.rows), around(self.log), around(self.bucket))
        steps = wiring.Steps(hints, StepRunner(due, hints, self.clock), self.lookout)
        limits = wiring.Limits(MOST, 2 * MEBIBYTE, caps or Caps())
        self.connections = MemoryConnections()
        fetcher = Fetcher(self.connections, MOST)
        carriers = around(jobs), self.connections, around(fetcher), around(self.turns)
        brought = wiring.Brought(*carriers)
        forms = (FileTables(), Tables(MEBIBYTE))
        outside = wiring.Outside(*stores, *forms, brought, steps, self.clock, limits)
        self.tables = wiring.tables_of(outside)
        services = wiring.services_of(outside, self.tables)
        self.importer, self.remover = services.importer, services.remover
        self.changer, self.previewer = services.changer, services.previewer
        self.datasets, self.records = services.datasets, services.records
        self.history, self.many, self.undoing = services.history, services.many, services.undoing
        self.named = services.named
        self.lists, self.snapshots = services.lists, services.snapshots
        self.exports, self.profiles = services.exports, services.profiles
        self.imports, self.import_steps = services.imports, services.import_steps
        self.schedules, self.pushes = services.schedules, services.pushes

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

    def fetch(self, url: str, place: Place = A) -> StoredImport:
        """Ask for an import of what is at a URL."""
        origin = Origin(place.workspace, OWNER)
        return self.imports.fetch(place, origin, Asked(mode="append"), Source(kind="url", url=url))

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
