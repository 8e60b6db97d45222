"""Batches and labels over a real store: no document of a version is written at each of them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.telemetry.predictions import COUNTED, Counted, Counts, Event
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.monitoring.adapters.assembly import World, services
from functions.monitoring.adapters.drift.comparisons import MemoryComparisons
from functions.monitoring.adapters.memory_models import MemoryModels
from functions.monitoring.adapters.quality.registered import MemoryVersions
from functions.monitoring.adapters.windows.call_counts import FirestoreCounts
from functions.monitoring.adapters.windows.firestore_windows import FirestoreWindows
from functions.monitoring.model.windows.monitor import MONITOR
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.services import Services
from tests.support.in_memory.monitoring import KEEP, SECRET, Explainer, Unlimited, event

SETTLED, SECONDS, A_SECOND = 20, 16, 2
"""Seconds until sums keep their pace, and seconds that are counted, of so many batches each."""


class Tools:
    """Steps in Firestore, apart from any other test's, whose hints a test delivers."""

    def __init__(self, clock: ManualClock) -> None:
        self.queue = MemoryQueue()
        self.store = FirestoreSteps(f"monitoring-{uuid4().hex[:8]}", clock)
        self.hints = Hints(self.queue)
        self.lookout = Lookout(self.store, self.hints, clock)


class Fleet:
    """Replicas of `monitoring` that share a Firestore and a bucket."""

    def __init__(self, replicas: int) -> None:
        self.clock = ManualClock()
        self.model = Place("w", f"m-{uuid4().hex[:8]}")
        self.of = Monitored(self.model, 1)
        self.tools = Tools(self.clock)
        self.windows = FirestoreWindows(self.tools.store)
        bucket = MemoryBucket(self.clock)
        self.replicas = [self._replica(bucket) for _ in range(replicas)]

    def _replica(self, bucket: MemoryBucket) -> Services:
        explainer = Explainer()
        world = World(
            bucket,
            self.clock,
            KEEP,
            SECRET,
            explainer,
            MemoryModels(self.model),
            Unlimited(),
            self.tools,
            SteppedDocuments(MONITOR, self.tools.store),
            self.windows,
            lambda _: None,
            MemoryVersions(),
            explainer,
            MemoryComparisons(),
            FirestoreCounts(),
        )
        return services(world)

    def tell(self, number: int, second: float, *more: Event) -> None:
        """Have a batch taken in by a replica."""
        events = [event(number, second, model=self.model.name, age=1.0), *more]
        self.replicas[number % len(self.replicas)].ingestion.take(events, "prediction")

    def counted(self, number: int, second: float) -> Event:
        """Return what one of sixty replicas of `prediction` tells beside predictions."""
        minute = int(START.timestamp() + second) // 60
        data = Counted(self.model.workspace, self.model.name, 1, "first", minute, Counts(refused=1))
        name = f"replica{number % 60}-{number}"
        raw = msgspec.Raw(msgspec.json.encode(data))
        return Event(name, "/", COUNTED, START.isoformat(), raw)

    def deliver(self) -> None:
        while self.tools.queue.messages:
            self.tools.queue.messages.popleft()
            self.replicas[0].summing.run(self.of)

    def rows(self) -> int:
        return sum(one.rows for one in self.windows.last(self.of, "minute", 99))


@pytest.fixture
def written(emulators: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the writes of each document that this process commits."""
    found: Counter[str] = Counter()
    api = firestore.client()._firestore_api
    genuine = api.commit

    def commit(request: Any, **more: Any) -> Any:
        answer = genuine(request=request, **more)
        names = [one.update.name or one.delete for one in request["writes"]]
        found.update(name for name in names if "/due/" not in name)  # leases go by the real clock
        return answer

    monkeypatch.setattr(api, "commit", commit)
    return found


def test_no_document_is_written_much_more_than_once_a_second(written: Counter[str]) -> None:
    fleet = Fleet(3)
    for number in range((SETTLED + SECONDS) * A_SECOND):
        second = number / A_SECOND
        if second == SETTLED:
            written.clear()
        fleet.tell(number, second, fleet.counted(number, second))
        fleet.deliver()
        fleet.clock.advance(1 / A_SECOND)
    assert written
    assert max(written.values()) <= SECONDS, written.most_common(5)
    fleet.clock.advance(10)
    fleet.tools.lookout.look()
    fleet.deliver()
    assert fleet.rows() == (SETTLED + SECONDS) * A_SECOND


def test_batches_that_come_while_others_are_summed_are_all_summed_in_the_end(
    written: Counter[str],
) -> None:
    fleet, batches = Fleet(4), 60

    def tell(first: int) -> None:
        for number in range(first, batches, 3):
            fleet.tell(number, 0)

    with ThreadPoolExecutor(3) as some:
        telling = [some.submit(tell, first) for first in range(3)]
        while not all(one.done() for one in telling):
            fleet.deliver()
            fleet.clock.advance(1)
        for one in telling:
            one.result()
    fleet.clock.advance(60)
    fleet.tools.lookout.look()
    fleet.deliver()
    assert fleet.rows() == batches
    assert written
