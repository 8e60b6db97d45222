"""The process whose memory is measured: a job over a folder's table, to its end.

Each step's peak goes to standard output, as a line "step MB".
"""

import datetime as dt
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import structlog

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.models.registration import Registration
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.training.adapters.memory_jobs import MemoryStore
from functions.training.model.requests.spec import JobRequest
from functions.training.service.jobs import Service
from functions.training.service.ports import Dataset, Model, Registered, Snapshot, Version
from functions.training.service.steps import Steps
from functions.training.wiring import learning
from tests.support.in_memory.training import deliver

TABLE = "table.parquet"
KINDS: dict[str, Kind] = {"n": "number", "w": "category", "f": "boolean", "d": "date"}


class Folder(MemoryBucket):
    """A bucket whose objects are files: what is read is in memory once, as from a real one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def read(self, path: str) -> bytes:
        """See Bucket."""
        return (self._folder / path).read_bytes()

    def write(self, path: str, data: bytes, content_type: str) -> None:  # noqa: ARG002 - Bucket's
        """See Bucket."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def listed(self, prefix: str) -> list[tuple[str, dt.datetime]]:
        """See Bucket."""
        now = dt.datetime.now(dt.UTC)
        files = (one.relative_to(self._folder).as_posix() for one in self._folder.rglob("*.*"))
        return [(one, now) for one in files if one.startswith(prefix)]

    def delete(self, path: str) -> None:
        """See Bucket."""
        (self._folder / path).unlink(missing_ok=True)


class OneTable:
    """OtherFunctions of one dataset, whose snapshot lies in the folder already."""

    def __init__(self, folder: Path) -> None:
        schema = pq.read_schema(folder / TABLE)
        self._rows = pq.read_metadata(folder / TABLE).num_rows
        self._columns = [Column(name, KINDS.get(name[0], "category")) for name in schema.names]

    def dataset(self, place: Place) -> Dataset:
        """See OtherFunctions."""
        return Dataset(place.name, "ready", self._rows, self._columns)

    def snapshot(self, _: Place) -> Snapshot:
        """See OtherFunctions."""
        return Snapshot(1, TABLE, self._columns)

    def model(self, _: Place) -> Model:
        """See OtherFunctions."""
        return Model("y")

    def version(self, model: Place, version: int) -> Version:
        """See OtherFunctions."""
        raise not_found("version", str(version), of=model.name)

    def register(self, _: Place, registration: Registration) -> Registered:
        """See OtherFunctions."""
        return Registered(1, registration.file)


def main() -> None:
    """Run the job that the second argument describes over the folder that the first names."""
    folder, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    clock, queue = SystemClock(), MemoryQueue()
    due, world = MemorySteps("training", clock), OneTable(folder)
    store, hints = MemoryStore(due), Hints(queue)
    learns = learning(store, world, lambda: Folder(folder), clock, asked["budget"])
    steps = Steps(store, StepRunner(due, hints, clock), hints, learns.work)
    service = Service(store, world, hints, Lookout(due, hints, clock), clock, learns.preview)
    _import_all()
    _tell("base")
    request = msgspec.convert(
        {"dataset": "d", "target": "y", "folds": asked["folds"], "candidates": asked["candidates"]},
        JobRequest,
    )
    job = service.create(MAIN, "ann", request, None)
    while queue.messages:
        step = queue.messages.popleft()
        deliver(steps, step)
        _tell(step.path.partition("/steps/")[2])
    _say(service.job(job.place))


def _import_all() -> None:
    """Import what a replica has imported when it does a step, LightGBM too."""
    os.environ.setdefault("MAYFLY_STEP_SECRET", "of no use here")
    import lightgbm  # noqa: F401, PLC0415 - late, as in a replica

    import functions.training.main  # noqa: PLC0415 - it reads the environment
    import functions.training.service.step_work  # noqa: F401, PLC0415 - late, as in a replica


def _tell(step: str) -> None:
    """Say the peak since the last time that it was said."""
    status = Path("/proc/self/status").read_text()
    [peak] = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    Path("/proc/self/clear_refs").write_text("5")  # begins anew
    print(step, round(int(peak) / 1024, 1), flush=True)


def _say(job: Any) -> None:
    print(f"{job.state} {job.failure or ''}")
    print(
        "members:", [(job.candidates[one.candidate].algorithm, one.weight) for one in job.members]
    )
    for note in job.notes:
        print("note:", note)


if __name__ == "__main__":
    main()
