"""Reports over stores in memory, with real processes or told ones; the test delivers the queue."""

import contextlib
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

import msgspec
import pyarrow as pa
from pyarrow import parquet

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import RIGHTS, UNLIMITED, Caller
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Transient, not_found
from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.kit.contract.records.profile import ColumnProfile, Histogram, Profile, Word
from functions.kit.contract.steps import LEASE
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.reports.model.facts import Dataset
from functions.reports.model.jobs import Job
from functions.reports.model.kind import REPORT
from functions.reports.model.report import Form, Kind, Report
from functions.reports.model.requests import ReportRequest
from functions.reports.model.windows import Window
from functions.reports.service.gathering import Gathering
from functions.reports.service.ports import Snapshot, Spoilt
from functions.reports.service.reports import ReportService
from functions.reports.service.steps import ReportSteps, Tools

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
ANN = Caller(
    name="ann", kind="key", workspace=MAIN, account="ann", rights=RIGHTS["editor"], plan=UNLIMITED
)


def dataset_of(columns: Sequence[Column], rows: int = 2, name: str = "people") -> Dataset:
    return Dataset("people", name, "ready", rows, 3, list(columns), NOON, NOON)


def profile_of(columns: Sequence[Column], rows: int = 2, **more: Any) -> Profile:
    """Return the profile of columns that all have the same values."""
    found = [_profiled(one) for one in columns]
    target = next((one.name for one in columns if one.role == "target"), None)
    return Profile(
        **{
            "revision": 3,
            "rows": rows,
            "target": target,
            "columns": found,
            "correlations": [],
            "warnings": [],
            **more,
        }
    )


def _profiled(one: Column) -> ColumnProfile:
    if one.kind in {"number", "integer"}:
        quantiles = [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 2.0, 2.0]
        bars = Histogram([0.0, 1.0, 2.0], [1, 1])
        return ColumnProfile(one.name, one.kind, 0, 2, bars, quantiles=quantiles, mean=1.0, std=1.0)
    return ColumnProfile(one.name, one.kind, 0, 2, top=[Word("a", 1), Word("b", 1)])


def version_of(columns: Sequence[Column], **more: Any) -> Version:
    features = [Feature(one.name, f"f{place}", "double") for place, one in enumerate(columns)]
    signature = Signature("binary", "answer", list(columns), features, ["no", "yes"])
    settings: dict[str, Any] = {
        "job": "j1",
        "dataset": "people",
        "revision": 3,
        "target": "answer",
        "task": "binary",
        "algorithm": "logistic_regression",
        "signature": signature,
        "model": "people",
        "version": 1,
        "created_at": NOON,
    }
    return Version(**{**settings, **more})


class World:
    """The other functions and the registry: what is put in is what they have."""

    def __init__(self, files: MemoryBucket) -> None:
        self._files = files
        self.datasets: dict[Place, Dataset] = {}
        self.profiles: dict[Place, Profile] = {}
        self.jobs: dict[str, Job] = {}
        self.series: dict[tuple[str, int], list[Window]] = {}
        self.models: dict[Place, Model] = {}
        self.versions: dict[tuple[Place, int], Version] = {}

    def put(self, dataset: Dataset, profile: Profile, table: pa.Table) -> None:
        place, sink = Place(MAIN, dataset.id), io.BytesIO()
        parquet.write_table(table, sink)
        self._files.write(f"snapshots/{dataset.id}/3.parquet", sink.getvalue(), "x")
        self.datasets[place], self.profiles[place] = dataset, profile

    def register(self, version: Version) -> None:
        place = Place(MAIN, version.model)
        self.versions[place, version.version] = version
        self.models[place] = Model(
            name=version.model,
            uid="u",
            task=version.task,
            latest=version.version,
            aliases={"champion": version.version},
            revision=1,
            created_at=NOON,
            updated_at=NOON,
        )

    def dataset(self, place: Place) -> Dataset:
        return _found(self.datasets, place, "dataset", place.name)

    def profile(self, place: Place, target: str | None) -> Profile:
        assert target == self.profiles[place].target
        return self.profiles[place]

    def snapshot(self, place: Place) -> Snapshot:
        return Snapshot(3, f"snapshots/{place.name}/3.parquet")

    def job(self, place: Place) -> Job | None:
        return self.jobs.get(place.name)

    def windows(self, model: Place, version: int) -> list[Window] | None:
        return self.series.get((model.name, version), [])

    def model(self, place: Place) -> Model:
        return _found(self.models, place, "model", place.name)

    def version(self, place: Place, number: int) -> Version:
        return _found(self.versions, (place, number), "version", str(number))


def _found(kept: Mapping[Any, Any], key: Any, kind: str, name: str) -> Any:
    if key not in kept:
        raise not_found(kind, name)
    return kept[key]


class ToldWorkshop:
    """A Workshop that makes files of a word or two, and says how often it was asked.

    Attributes:
        spoilt: why nothing can be made; empty for nothing.
        during: called while something is being made.
    """

    def __init__(self) -> None:
        self.made: list[str] = []
        self.spoilt = ""
        self.during: Callable[[], object] = lambda: None

    def run(self, kind: Kind, facts: bytes, data: Callable[[IO[bytes]], object] | None) -> bytes:
        self._work("run")
        rows = io.BytesIO()
        if data is not None:
            data(rows)
        told = {"kind": kind, "facts": len(facts), "rows": len(rows.getvalue())}
        return msgspec.json.encode(told)

    def typeset(self, notebook: bytes, forms: Sequence[Form]) -> Mapping[Form, bytes]:
        self._work("typeset")
        return {form: f"{form} of {len(notebook)}".encode() for form in forms}

    def _work(self, what: str) -> None:
        self.made.append(what)
        self.during()
        if self.spoilt:
            raise Spoilt(self.spoilt)


class House:
    """Reports as `main.py` wires them, over stores in memory.

    Args:
        workshop: makes the files; one that only tells by default.
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
    """

    def __init__(
        self,
        workshop: Any = None,
        around: Callable[[Any], Any] = lambda it: it,
        queue: Any = None,
    ) -> None:
        self.clock = ManualClock()
        self.files = MemoryBucket(self.clock, chunk=4096)
        self.due = MemorySteps("reports", self.clock)
        self.store = MemoryStepped(REPORT, self.due)
        self.world = World(self.files)
        self.workshop = ToldWorkshop() if workshop is None else workshop
        self.queue: Any = queue if queue is not None else MemoryQueue()
        hints, due, store = Hints(around(self.queue)), around(self.due), around(self.store)
        world, files = around(self.world), around(self.files)
        self.lookout = Lookout(due, hints, self.clock)
        self.reports = ReportService(
            store, world, world, lambda: files, hints, self.lookout, self.clock
        )
        gathering = Gathering(world, world, self.clock)
        tools = Tools(store, lambda: files, gathering, around(self.workshop), self.clock)
        self.steps = ReportSteps(tools, StepRunner(due, hints, self.clock), hints)

    def ask(self, caller: Caller = ANN, report_id: str | None = None, **asked: Any) -> Report:
        """Ask for a report, as a JSON body does."""
        body = msgspec.convert(asked, ReportRequest)
        return self.reports.create(caller, body, report_id)

    def run(self) -> None:
        """Deliver what is queued and overdue, until nothing more is due."""
        for _ in range(10_000):
            if self.queue.messages:
                self.deliver(self.queue.messages.popleft().path)
            elif self.due.waiting:
                self.clock.advance(LEASE.total_seconds())
                self.lookout.look()
            else:
                return
        raise AssertionError(f"steps without end: {self.due.waiting}")

    def deliver(self, path: str) -> None:
        """Carry out one step, as its route does."""
        *_, name, _, which = path.strip("/").split("/")
        with contextlib.suppress(Transient):  # it stays due
            getattr(self.steps, which)(Place(MAIN, name))

    def text(self, report: Report, form: Form) -> bytes:
        """Return a file of a report."""
        _, pieces = self.reports.file(ANN, report.id, form)
        return b"".join(pieces)
