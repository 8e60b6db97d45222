"""Tables, and the world around training (other functions, the queue, files) in memory."""

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, DomainError, not_found
from functions.kit.contract.models.registration import Registration
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.contract.steps import Step
from functions.training.learning.table import Table
from functions.training.service.ports import (
    Dataset,
    Model,
    Registered,
    Snapshot,
    Version,
)
from functions.training.service.steps import Steps
from tests.support.processes import ROOT


def example(name: str, kinds: dict[str, Kind]) -> Table:
    """Read an example; columns not in `kinds` are categories."""
    with (ROOT / "examples" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    casts = {"integer": int, "number": float}
    columns = [Column(column, kinds.get(column, "category")) for column in rows[0]]
    values = {
        one.name: [
            casts.get(one.kind, str)(row[one.name]) if row[one.name] else None for row in rows
        ]
        for one in columns
    }
    return Table(columns, values)


def _kinds(**columns: str) -> dict[str, Kind]:
    """`number="age fare"` as {"age": "number", "fare": "number"}."""
    return msgspec.convert(
        {column: kind for kind, names in columns.items() for column in names.split()},
        dict[str, Kind],
    )


def titanic() -> Table:
    whole = "pclass sibsp parch survived"
    return example("titanic", _kinds(integer=whole, number="age fare", text="name ticket cabin"))


def heart() -> Table:
    numbers = "age rest_bp cholesterol max_heart_rate st_depression"
    whole = "fasting_sugar_high exercise_angina major_vessels"
    return example("heart", _kinds(integer=whole, number=numbers))


def table(columns: Sequence[Column], **values: list[Any]) -> Table:
    return Table(columns, values)


def to_parquet(data: Table) -> bytes:
    arrays = {one.name: data.arrow(one.name) for one in data.columns}
    file = io.BytesIO()
    pq.write_table(pa.table(arrays), file)
    return file.getvalue()


class MemoryFiles(MemoryBucket):
    """A bucket in which no name may be used twice."""

    def write(self, path: str, data: bytes, content_type: str) -> None:
        assert path not in self.stored, "a name was used again"
        super().write(path, data, content_type)


class World:
    """OtherFunctions of one test: datasets given, of the workspace `main`; registrations kept."""

    def __init__(self, files: MemoryFiles, **datasets: Table) -> None:
        self.registered: dict[str, tuple[Place, Registration, int]] = {}
        self.down = False
        self.refusal: DomainError | None = None
        self._files = files
        self._datasets = {Place(MAIN, name): found for name, found in datasets.items()}

    def give(self, place: Place, data: Table) -> None:
        """Let there be another dataset."""
        self._datasets[place] = data

    def dataset(self, place: Place) -> Dataset:
        self._check_up()
        if place not in self._datasets:
            raise not_found("dataset", place.name)
        found = self._datasets[place]
        return Dataset(place.name, "ready", found.rows, list(found.columns))

    def snapshot(self, place: Place) -> Snapshot:
        self.dataset(place)
        data = to_parquet(self._datasets[place])
        name = f"1-{hashlib.sha256(data).hexdigest()[:8]}.parquet"
        path = workspaces.path(place.workspace, "snapshots", place.name, name)
        self._files.stored[path] = data
        return Snapshot(1, path, list(self._datasets[place].columns))

    def model(self, place: Place) -> Model:
        self._check_up()
        found = {number: it for model, it, number in self.registered.values() if model == place}
        if not found:
            raise not_found("model", place.name)
        return Model(found[max(found)].target, {"champion": min(found)})

    def version(self, model: Place, version: int) -> Version:
        self._check_up()
        for place, one, number in self.registered.values():
            if (place, number) == (model, version):
                return Version(number, one.signature, one.snapshot, one.file)
        raise not_found("version", str(version))

    def register(self, model: Place, registration: Registration) -> Registered:
        self._check_up()
        if self.refusal is not None:
            raise self.refusal
        known = self.registered.setdefault(
            registration.job, (model, registration, len(self.registered) + 1)
        )
        return Registered(known[2], known[1].file)

    def _check_up(self) -> None:
        if self.down:
            raise Away("away")


def deliver(steps: Steps, step: Step) -> None:
    """Have one step looked at, as its route does."""
    where, _, which = step.path.partition("/steps/")
    *others, _, job_id = where.strip("/").split("/")
    place = Place(others[-1] if others else MAIN, job_id)
    kind, _, index = which.partition("/")
    if index:
        getattr(steps, kind.removesuffix("s"))(place, int(index))
    else:
        getattr(steps, kind)(place)


def run_all(steps: Steps, queue: MemoryQueue) -> None:
    """Deliver what is queued until the queue is empty."""
    while queue.messages:
        deliver(steps, queue.messages.popleft())


def changed(data: Table, **values: list[Any]) -> Table:
    """Return the table with other values in some columns."""
    return Table(data.columns, {**data.values, **values})
