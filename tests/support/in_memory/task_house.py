"""Tasks over stores in memory, with a real model; the test delivers the queue."""

import contextlib
import datetime as dt
import functools
from collections.abc import Callable
from typing import Any

import msgspec
from werkzeug.test import EnvironBuilder

from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import RIGHTS, UNLIMITED, Caller
from functions.kit.contract.access.plans import Plan, plan_of
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Transient
from functions.kit.contract.models.registration import CHAMPION, Model
from functions.kit.contract.steps import LEASE
from functions.kit.http.responses.answers import Answer
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.quotas import Quotas
from functions.kit.service.step_runner import StepRunner
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.tasks.kind import TASK
from functions.prediction.model.tasks.task import Task
from functions.prediction.service.ports import Made
from functions.prediction.service.predictions import Service
from functions.prediction.service.tasks.steps import TaskSteps, Tools
from functions.prediction.service.tasks.tasks import TaskService
from functions.prediction.transport.records import calling
from functions.prediction.transport.records.predicting import Predicting
from functions.prediction.transport.tasks.replaying import Replaying
from functions.prediction.transport.tasks.taking import Taking
from tests.support.models.onnx import describe, train

ANN = Caller(
    name="ann", kind="key", workspace=MAIN, account="ann", rights=RIGHTS["editor"], plan=UNLIMITED
)
SMALL = Plan(name="small", predictions_per_minute=3, concurrency=5, rows=3, bytes=900)
BOB = msgspec.structs.replace(ANN, name="bob", account="bob", plan="small")
DAY = dt.timedelta(days=1)
RECORD = {"age": 30, "rooms": 2, "owns home": True, "sex": "female"}

trained = functools.cache(train)


class Told:
    """A log of predictions that keeps them."""

    def __init__(self) -> None:
        self.made: list[Made] = []

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        self.made.append(made)


class House:
    """Tasks of the model `people`, whose first version is the champion.

    Args:
        around: put around all that is outside of a process.
        queue: another queue than one that only keeps.
    """

    def __init__(self, around: Callable[[Any], Any] = lambda it: it, queue: Any = None) -> None:
        self.clock = ManualClock()
        self.files = MemoryBucket(self.clock, chunk=4096)
        self.due = MemorySteps("prediction", self.clock)
        self.store = MemoryStepped(TASK, self.due)
        self.log = Told()
        self.queue: Any = queue if queue is not None else MemoryQueue()
        self.registry = MemoryRegistry()
        exported = trained()
        versions = [describe(exported, model="people", version=number) for number in (1, 2)]
        self.registry.put(_model(self.clock), *versions)
        self.predictions = Service(
            self.registry, lambda _: exported.data, Predictor, 10**9, self.clock
        )
        hints, due, store = Hints(around(self.queue)), around(self.due), around(self.store)
        files, self.lookout = around(self.files), Lookout(due, hints, self.clock)
        self.tasks = TaskService(store, lambda: files, hints, self.lookout, self.clock, DAY)
        quotas = Quotas(_plan, MemoryLedgers(self.clock), self.clock.monotonic)
        self.predicting = Predicting(self.predictions, quotas, self.log, 4096)
        self.taking = Taking(lambda: self.tasks, self.predictions, self.predicting)
        answers = Replaying(self.predictions, self.predicting)
        tools = Tools(store, lambda: files, answers, self.clock, DAY)
        self.steps = TaskSteps(tools, StepRunner(due, hints, self.clock), self.lookout)

    def post(
        self,
        data: Any,
        caller: Caller = ANN,
        key: str | None = None,
        reference: str | int = CHAMPION,
        path: str = "/models/people/predict",
        **options: Any,
    ) -> Answer:
        """Ask for an answer that comes later; raises what is wrong with it."""
        request = _request(data, key, path, **options)
        return self.taking.take(request, caller, "people", reference)

    def at_once(self, data: Any, caller: Caller = ANN, **options: Any) -> Any:
        """Return what the same call is answered at once; raises what is wrong with it."""
        request = _request(data, None, "/models/people/predict", **options)
        parts = (self.predictions, self.predicting, request, caller, "people", CHAMPION)
        return calling.answer(*parts, lambda: True)

    def task(self, taken: Answer) -> Task:
        """Return the task that was taken, as it is kept now."""
        return self.store.load(Place(MAIN, msgspec.json.decode(taken.body)["id"]))

    def run(self, until: dt.timedelta = dt.timedelta()) -> None:
        """Deliver what is queued and overdue, until nothing more is due for so long."""
        end = self.clock.now() + until + LEASE
        for _ in range(10_000):
            if self.queue.messages:
                self.deliver(self.queue.messages.popleft().path)
            elif self.clock.now() < end and self.due.waiting:
                self.clock.advance(max(LEASE, until / 100).total_seconds())
                self.lookout.look()
            else:
                return
        raise AssertionError(f"steps without end: {self.due.waiting}")

    def deliver(self, path: str) -> None:
        """Carry out one step, as its route does."""
        _, name, _, kind = path.strip("/").split("/")
        with contextlib.suppress(Transient):  # it stays due
            getattr(self.steps, kind)(Place(MAIN, name))


def _request(data: Any, key: str | None, path: str, **options: Any) -> Any:
    if not isinstance(data, bytes):
        data, options = msgspec.json.encode(data), {"content_type": "application/json", **options}
    headers = {"Prefer": "respond-async", **options.pop("headers", {})}
    headers |= {"Idempotency-Key": key} if key else {}
    builder = EnvironBuilder(path, method="POST", data=data, headers=headers, **options)
    return builder.get_request()


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
