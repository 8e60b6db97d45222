"""Batches over stores in memory, with real models and real files; the test delivers the queue."""

import functools
import io
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pyarrow as pa
from pyarrow import csv, parquet

from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import RIGHTS, UNLIMITED, Caller
from functions.kit.contract.access.plans import Plan, plan_of
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Transient, not_found
from functions.kit.contract.models.registration import Model
from functions.kit.contract.steps import LEASE
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.quotas import Quotas
from functions.kit.service.step_runner import StepRunner
from functions.prediction.adapters.batches.tables import ArrowTables
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.batches.batch import Batch
from functions.prediction.model.batches.kind import BATCH
from functions.prediction.model.options import USUAL
from functions.prediction.model.questions import Question
from functions.prediction.service.batches.batches import BatchService
from functions.prediction.service.batches.ports import Dataset, Snapshot
from functions.prediction.service.batches.steps import BatchSteps, Tools
from functions.prediction.service.predictions import Service
from tests.support.models.onnx import COLUMNS, describe, train

ANN = Caller(
    name="ann", kind="key", workspace=MAIN, account="ann", rights=RIGHTS["editor"], plan=UNLIMITED
)
SMALL = Plan(name="small", predictions_per_minute=40, concurrency=5, rows=10, bytes=900)
BOB = msgspec.structs.replace(ANN, name="bob", account="bob", plan="small")


def people(rows: int, seed: int = 1) -> pa.Table:
    """Return rows that fit the model, and a column that it does not know."""
    numbers = random.Random(seed)
    return pa.table(
        {
            "id": [f"p{place}" for place in range(rows)],
            "age": [numbers.choice([None, numbers.uniform(0, 90)]) for _ in range(rows)],
            "rooms": [numbers.randrange(6) for _ in range(rows)],
            "owns home": [numbers.choice([True, False, None]) for _ in range(rows)],
            "sex": [numbers.choice(["female", "male"]) for _ in range(rows)],
        }
    )


def as_parquet(table: pa.Table, group: int = 131_072) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, row_group_size=group)
    return sink.getvalue()


def as_csv(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    csv.write_csv(table, sink)
    return sink.getvalue()


def as_json_lines(table: pa.Table) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in table.to_pylist())


trained = functools.cache(train)


class World:
    """The other functions: datasets whose snapshots lie in the bucket."""

    def __init__(self, files: MemoryBucket) -> None:
        self._files = files
        self._datasets: dict[Place, Dataset] = {}

    def put(self, name: str, table: pa.Table, group: int = 131_072, revision: int = 1) -> None:
        path = f"snapshots/{name}/{revision}.parquet"
        self._files.write(path, as_parquet(table, group), "x")
        self._datasets[Place(MAIN, name)] = Dataset(name, "ready", revision, [*COLUMNS])

    def dataset(self, place: Place) -> Dataset:
        if place not in self._datasets:
            raise not_found("dataset", place.name)
        return self._datasets[place]

    def snapshot(self, place: Place) -> Snapshot:
        revision = self.dataset(place).revision
        return Snapshot(revision, f"snapshots/{place.name}/{revision}.parquet")


class House:
    """Batches of the model `people`, whose first version is the champion.

    Args:
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
    """

    def __init__(self, around: Callable[[Any], Any] = lambda it: it, queue: Any = None) -> None:
        self.clock = ManualClock()
        self.files = MemoryBucket(self.clock, chunk=4096)
        self.due = MemorySteps("prediction", self.clock)
        self.store = MemoryStepped(BATCH, self.due)
        self.world = World(self.files)
        self.queue: Any = queue if queue is not None else MemoryQueue()
        self.exported = trained()
        self.registry = MemoryRegistry()
        versions = [describe(self.exported, model="people", version=number) for number in (1, 2)]
        self.registry.put(_model(self.clock), *versions)
        self.predictions = Service(
            self.registry, lambda _: self.exported.data, Predictor, 10**9, self.clock
        )
        hints, due, store = Hints(around(self.queue)), around(self.due), around(self.store)
        world, files = around(self.world), around(self.files)
        lookout = Lookout(due, hints, self.clock)
        self.service = BatchService(
            store,
            self.predictions,
            world,
            lambda: files,
            hints,
            lookout,
            self.clock,
            lambda: ArrowTables(files),
        )
        quotas = Quotas(_plan, MemoryLedgers(self.clock), self.clock.monotonic)
        tools = Tools(
            store,
            self.predictions,
            world,
            lambda: ArrowTables(files),
            lambda: files,
            quotas,
            self.clock,
        )
        self.steps = BatchSteps(tools, StepRunner(due, hints, self.clock), hints)

    def run(self) -> None:
        """Deliver what is queued, and queue what is overdue, until nothing is due."""
        for _ in range(10_000):
            if not self.queue.messages:
                if not self.due.waiting:
                    return
                self.clock.advance(LEASE.total_seconds())
                self.service.look()
                continue
            self.deliver(self.queue.messages.popleft().path)
        raise AssertionError(f"steps without end: {self.due.waiting}")

    def deliver(self, path: str) -> None:
        """Carry out one step, as its route does."""
        _, name, _, kind, *index = path.strip("/").split("/")
        place = Place(MAIN, name)
        try:
            if kind == "parts":
                self.steps.part(place, int(index[0]))
            else:
                getattr(self.steps, kind)(place)
        except Transient:
            pass  # it stays due

    def output(self, batch: Batch) -> pa.Table:
        """Return what came out."""
        found = self.store.load(batch.place)
        assert found.state == "succeeded", found.failure
        data = b"".join(self.service.predictions(found))
        assert len(data) == found.bytes
        if found.output.form == "csv":
            return csv.read_csv(io.BytesIO(data))
        return parquet.read_table(io.BytesIO(data))

    def expected(self, table: pa.Table) -> list[dict[str, Any]]:
        """Return what single calls predict for the same rows."""
        predictor = self.predictions.predictor(Place(MAIN, "people"), 1)
        names = [column.name for column in COLUMNS if column.name in table.schema.names]
        rows = predictor.reader.convert(table.select(names).to_pylist())
        described = predictor.describe(Question(rows, USUAL), predictor.predict(rows)).predictions()
        found: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(described))
        return found


def _plan(name: str) -> Plan | None:
    return SMALL if name == "small" else plan_of(name, None)


def _model(clock: ManualClock) -> Model:
    now = clock.now()
    return Model(
        name="people",
        uid="u",
        task="binary",
        latest=2,
        aliases={"champion": 1},
        revision=1,
        created_at=now,
        updated_at=now,
    )
