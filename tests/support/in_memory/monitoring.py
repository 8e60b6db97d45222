"""The function `monitoring` over a bucket in memory."""

import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Request
from werkzeug.test import EnvironBuilder

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.kit.contract.telemetry.predictions import BATCH_TYPE, MADE, Event, Output, Prediction
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.service.bounded import UNBOUNDED, Bounded, Quotas
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.adapters.assembly import World, services
from functions.monitoring.adapters.drift.comparisons import MemoryComparisons
from functions.monitoring.adapters.memory_models import MemoryModels
from functions.monitoring.adapters.quality.registered import MemoryVersions
from functions.monitoring.adapters.windows.call_counts import MemoryCounts
from functions.monitoring.adapters.windows.memory_windows import MemoryWindows
from functions.monitoring.model.drift.reasons import Contributions
from functions.monitoring.model.windows.monitor import MONITOR, Monitor
from functions.monitoring.transport import routes
from tests.support.in_memory import monitoring_people
from tests.support.in_memory.alert_house import AlertHouse

if TYPE_CHECKING:
    from functions.kit.contract.models.registration import ModelFile
    from functions.monitoring.model.windows.window import Monitored

PEOPLE, SECRET = monitoring_people.PEOPLE, monitoring_people.SECRET
KEEP = dt.timedelta(days=30)


class Explainer:
    """Explains what it is told to, and fails else."""

    def __init__(self) -> None:
        self.given: Any = None
        self.effects: Callable[[Mapping[str, Any]], Contributions] | None = None
        self.asked = 0

    def explain(self, model: Place, version: int, inputs: Mapping[str, Any]) -> Any:
        if self.given is None:
            raise Away("prediction does not answer.")
        return {"of": self.given, "model": model.name, "version": version, "inputs": dict(inputs)}

    def contributions(
        self, of: "Monitored", records: Sequence[Mapping[str, Any]]
    ) -> list[Contributions]:
        """Let `effects` say it, and count what is asked for."""
        self.asked += len(records)
        if self.effects is None:
            raise Away("prediction does not answer.")
        return [self.effects(record) for record in records]


class Unlimited:
    """The Quotas of accounts without any."""

    def of(self, caller: Caller) -> Bounded:
        return UNBOUNDED


def event(number: int, second: float = 0.0, **fields: Any) -> Event:
    """Return the event of a prediction; `second` after START."""
    at = START + dt.timedelta(seconds=second)
    output = fields.pop("output", Output("yes", 0.75, {"no": 0.25, "yes": 0.75}))
    told = Prediction(
        workspace=fields.pop("workspace", "w"),
        model=fields.pop("model", "titanic"),
        version=fields.pop("version", 1),
        alias=fields.pop("alias", "champion"),
        why="alias",
        caller=fields.pop("caller", "ann"),
        account="a",
        uid=fields.pop("uid", ""),
        elapsed=1500,
        inputs=fields or {"age": 30.5, "town": "x", "rooms": number},
        output=output,
    )
    data = msgspec.Raw(msgspec.json.encode(told))
    return Event(id_of(number, second), "/models/titanic/versions/1", MADE, at.isoformat(), data)


def id_of(number: int, second: float = 0.0) -> str:
    """Return the id of the prediction of that number and time."""
    return f"{number:018x}{int(START.timestamp() + second):08x}1-0"


class MemoryTools:
    """Steps of one process, whose hints a test delivers."""

    def __init__(self, clock: ManualClock) -> None:
        self.queue = MemoryQueue()
        self.store = MemorySteps("monitoring", clock)
        self.hints = Hints(self.queue)
        self.runner = StepRunner(self.store, self.hints, clock)
        self.lookout = Lookout(self.store, self.hints, clock)


class House:
    """A replica; all of its state is in the bucket, and in what stands for Firestore."""

    def __init__(
        self,
        bucket: MemoryBucket | None = None,
        quotas: Quotas | None = None,
        beside: "House | None" = None,
    ) -> None:
        self.clock: ManualClock = beside.clock if beside else ManualClock()
        there = beside.bucket if beside else bucket
        self.bucket: MemoryBucket = there or MemoryBucket(self.clock)
        self.explainer = Explainer()
        self.models = MemoryModels(Place("w", "titanic"), Place("w", "iris"))
        self.quotas = quotas or Unlimited()
        self.references: dict[Monitored, ModelFile] = beside.references if beside else {}
        self.steps: MemoryTools = beside.steps if beside else MemoryTools(self.clock)
        there_too = beside.monitors if beside else None
        self.monitors: MemoryStepped[Monitor] = there_too or MemoryStepped(
            MONITOR, self.steps.store
        )
        self.windows: MemoryWindows = beside.windows if beside else MemoryWindows(self.steps.store)
        self.versions: MemoryVersions = beside.versions if beside else MemoryVersions()
        self.comparisons: MemoryComparisons = beside.comparisons if beside else MemoryComparisons()
        self.counts: MemoryCounts = beside.counts if beside else MemoryCounts()
        self.services = services(
            World(
                self.bucket,
                self.clock,
                KEEP,
                SECRET,
                self.explainer,
                self.models,
                self.quotas,
                self.steps,
                self.monitors,
                self.windows,
                self.references.get,
                self.versions,
                self.explainer,
                self.comparisons,
                self.counts,
            )
        )
        self.api = Api("monitoring", "M.", Access("monitoring", SECRET, PEOPLE.get), 1 << 20)
        self.alerts = AlertHouse(clock=self.clock)
        routes.add(self.api, self.services, 1 << 20, self.alerts.services)

    def ask(self, method: str, path: str, who: str = "ann", **more: Any) -> tuple[int, Any]:
        """Return a status and JSON, or bytes that are none."""
        headers = more.pop("headers", {"X-Api-Key": who})
        environ = EnvironBuilder(path, method=method, headers=headers, **more).get_environ()
        answer = self.api.handle(Request(environ))
        body = answer.get_data()
        is_json = "json" in (answer.content_type or "") and body
        return answer.status_code, msgspec.json.decode(body) if is_json else body

    def tell(self, events: list[Event], kind: str = BATCH_TYPE) -> int:
        """Send a batch as `prediction` does; return the status."""
        call = step_tokens.Call("POST", "monitoring", "/predictions")
        token = {"Authorization": step_tokens.authorization(SECRET, "prediction", call)}
        body = msgspec.json.encode(events)
        found = self.ask("POST", "/predictions", headers=token, data=body, content_type=kind)
        return found[0]

    def deliver(self) -> int:
        """Deliver the queue's hints until there are none; return how many there were."""
        for count in itertools.count():
            if not self.steps.queue.messages:
                return count
            step = self.steps.queue.messages.popleft()
            call = step_tokens.Call("POST", step.function, step.path)
            token = {"Authorization": step_tokens.authorization(SECRET, "monitoring", call)}
            status, body = self.ask("POST", step.path, headers=token)
            assert status == 204, body
        raise AssertionError

    def shown(self, span: str = "hour", who: str = "ann", **query: Any) -> list[Any]:
        """Return a model's windows."""
        query = {"span": span, "last": 1000, **query}
        status, found = self.ask("GET", "/models/titanic/windows", who, query_string=query)
        assert status == 200, found
        return list(found["windows"])

    def page(self, who: str = "ann", model: str = "titanic", **query: Any) -> Any:
        """Return a page of predictions."""
        status, page = self.ask("GET", f"/models/{model}/predictions", who, query_string=query)
        assert status == 200, page
        return page

    def ids(self, who: str = "ann", **query: Any) -> list[str]:
        """Return the ids on a page."""
        return [one["id"] for one in self.page(who, **query)["items"]]

    def label(self, labels: list[Any], who: str = "ann", **more: Any) -> Any:
        """Send labels; return what became of them."""
        body = {"labels": labels, **more}
        status, taken = self.ask("POST", "/models/titanic/labels", who, json=body)
        assert status == 200, taken
        return taken

    def labels(self) -> dict[str, str | None]:
        """Return the labels of the model's predictions."""
        return {one["id"]: one["label"] for one in self.page(limit=1000)["items"]}
