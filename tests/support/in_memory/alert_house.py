"""Alerts over stores in memory; the test delivers the queue, and says what was measured."""

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Transient
from functions.kit.contract.models.registration import Model
from functions.kit.contract.steps import LEASE
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.adapters.alerts.assembly import AlertWorld, alert_services
from functions.monitoring.adapters.alerts.memory_channels import MemoryChannels
from functions.monitoring.adapters.alerts.memory_functions import MemoryFunctions
from functions.monitoring.adapters.alerts.memory_registered import MemoryRegistered
from functions.monitoring.adapters.alerts.memory_series import MemorySeries
from functions.monitoring.adapters.alerts.memory_watches import MemoryWatches
from functions.monitoring.adapters.alerts.sealing import Seal
from functions.monitoring.adapters.memory_models import MemoryModels
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.model.windows.measures import Point
from functions.monitoring.model.windows.window import Span
from functions.monitoring.service.alerts.ports import NotTaken, Trained
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.transport.alerts import routes
from tests.support.in_memory.monitoring_people import PEOPLE, SECRET

TITANIC, IRIS = Place("w", "titanic"), Place("w", "iris")
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
MAIL = {"kind": "email", "to": ["ann@example.org"]}
RULE = {
    "name": "Slow",
    "measure": "p95",
    "span": "minute",
    "condition": {"when": "above", "value": 100},
    "cooldown_minutes": 0,
}


class Inbox:
    """A Sender that keeps what it takes, and refuses as it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Notice]] = []
        self.refusals: list[NotTaken] = []
        self.killed = False

    def send(self, notice: Notice, channel: Channel) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken.append((channel.id, notice))
        if self.killed:
            raise KeyboardInterrupt  # as a process ends: nothing after it happens
        return ""

    @property
    def said(self) -> list[list[tuple[str, str]]]:
        """What each notice says: rules and changes."""
        return [[(line.name, line.change) for line in notice.lines] for _, notice in self.taken]


def model(name: str, uid: str = "u", **fields: Any) -> Model:
    """Return a registered model of two versions, of which the first is the champion."""
    told: dict[str, Any] = {
        "name": name,
        "uid": uid,
        "task": "binary",
        "latest": 2,
        "aliases": {"champion": 1},
        "revision": 1,
        "created_at": START - DAY,
        "updated_at": START - DAY,
    }
    return Model(**(told | fields))


class AlertHouse:
    """A replica, and all that it reaches.

    Args:
        around: put around all that is outside of the process.
        clock: its clock; by default one of its own.
    """

    def __init__(
        self, around: Callable[[Any], Any] = lambda it: it, clock: ManualClock | None = None
    ) -> None:
        self.clock = clock or ManualClock()
        self.due = MemorySteps("monitoring", self.clock)
        self.queue = MemoryQueue()
        self.watches, self.channels = MemoryWatches(self.due), MemoryChannels()
        self.series, self.registered, self.inbox = MemorySeries(), MemoryRegistered(), Inbox()
        self.functions = MemoryFunctions(self.registered)
        for place in (TITANIC, IRIS):
            self.registered.models[place] = model(place.name)
            for number in (1, 2):
                made = Trained("binary", {"accuracy": 0.9}, f"job-{number}", START - DAY)
                self.registered.versions[place, number] = made
        self.seal = Seal(SECRET)
        files = ParquetPredictions(MemoryBucket(self.clock))
        steps, hints = around(self.due), Hints(around(self.queue))
        self.services = alert_services(
            AlertWorld(
                watches=around(self.watches),
                alerts=around(self.watches.alerts),
                notices=around(self.watches.notices),
                channels=around(self.channels),
                seal=self.seal,
                sender=around(self.inbox),
                series=self.series,
                registered=self.registered,
                known=KnownModels(files, MemoryModels(TITANIC, IRIS)),
                functions=around(self.functions),
                runner=StepRunner(steps, hints, self.clock),
                lookout=Lookout(steps, hints, self.clock),
                hints=hints,
                clock=self.clock,
            )
        )
        self.api = Api("monitoring", "M.", Access("monitoring", SECRET, PEOPLE.get), 1 << 20)
        routes.add(self.api, self.services)

    def ask(self, method: str, path: str, who: str = "ann", **more: Any) -> tuple[int, Any]:
        """Return a status and JSON."""
        answer = self.call(method, path, who, **more)
        body = answer.get_data()
        return answer.status_code, msgspec.json.decode(body) if body else None

    def call(self, method: str, path: str, who: str = "ann", **more: Any) -> Response:
        """Return an answer."""
        headers = [("X-Api-Key", who), *more.pop("headers", {}).items()]
        environ = EnvironBuilder(path, method=method, headers=headers, **more).get_environ()
        return self.api.handle(Request(environ))

    def stream(self, path: str, who: str = "ann") -> tuple[int, bytes]:
        """Return a status, and all that a stream gives."""
        environ = EnvironBuilder(path, headers=[("X-Api-Key", who)]).get_environ()
        answer = self.api.handle(Request(environ))
        return answer.status_code, answer.get_data()

    def made(self, path: str, body: Any, who: str = "ann") -> Any:
        """POST what makes something; return it."""
        status, found = self.ask("POST", path, who, json=body)
        assert status == 201, found
        return found

    def rule(self, place: Place = TITANIC, **fields: Any) -> str:
        """Make a rule; return its id."""
        ident: str = self.made(f"/models/{place.name}/rules", RULE | fields)["id"]
        return ident

    def measure(
        self,
        *values: float | None,
        of: str = "p95",
        span: Span = "minute",
        place: Place = TITANIC,
        rows: int = 100,
        alarm: bool = False,
    ) -> None:
        """Let windows pass, each with a value; the time then is the end of the last."""
        length = {"minute": MINUTE, "hour": HOUR, "day": DAY, "count": MINUTE}[span]
        for value in values:
            start = self.clock.now()
            self.clock.advance(length.total_seconds())
            point = Point(start, self.clock.now(), rows, value, None, None, alarm)
            self.series.kept[place.workspace, place.name, of, span].append(point)

    def look(self, place: Place = TITANIC) -> None:
        """Evaluate a model, as after its windows were summed; then deliver what that made due."""
        self.services.evaluation.evaluate(place, soon=True)
        self.deliver()

    def deliver(self) -> None:
        """Carry out what is queued, until nothing is."""
        for _ in range(1_000):
            if not self.queue.messages:
                return
            self.run(self.queue.messages.popleft().path)
        raise AssertionError("steps without end")

    def wait(self, span: dt.timedelta, by: dt.timedelta = LEASE) -> None:
        """Let time pass, as with a schedule that looks for what is overdue."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(by.total_seconds())
            self.services.lookout.look()
            self.deliver()

    def run(self, path: str) -> None:
        """Carry out a step, as its route does; what it raises leaves it due."""
        parts = path.strip("/").split("/")
        parts = parts if parts[0] == "workspaces" else ["workspaces", "main", *parts]
        place, which = Place(parts[1], parts[3]), f"{parts[2]}/{parts[5]}"
        services = self.services
        steps: dict[str, Callable[[Place], None]] = {
            "watches/evaluate": services.steps.evaluate,
            "alerts/act": services.acting.act,
            "alerts/forget": services.alerts.forget,
            "notices/send": services.sending.send,
            "notices/forget": services.sending.forget,
        }
        with contextlib.suppress(Transient):
            steps[which](place)

    def state(self, rule: str, place: Place = TITANIC) -> str:
        """Return how a rule stands."""
        status, found = self.ask("GET", f"/models/{place.name}/rules/{rule}")
        assert status == 200, found
        status_: str = found["state"]["status"]
        return status_

    def alerts(self, who: str = "ann", **query: Any) -> list[Any]:
        """Return the alerts, newest first."""
        status, page = self.ask("GET", "/alerts", who, query_string=query)
        assert status == 200, page
        found: list[Any] = page["items"]
        return found
