"""Evaluates many rules, in memory and over the Firestore emulator: nothing turns, a tenth, all.

``python -m benchmarks.monitoring.alerts [--models 50] [--rules 20]``
"""

import argparse
import datetime as dt
import functools
import sys
import time
from typing import Any

from benchmarks.firestore import harness
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.registration import MODELS, Model, model_document
from functions.kit.service.hints import Hints
from functions.monitoring.adapters.alerts.firestore_watches import FirestoreWatches
from functions.monitoring.adapters.alerts.memory_registered import MemoryRegistered
from functions.monitoring.adapters.alerts.memory_series import MemorySeries
from functions.monitoring.adapters.alerts.memory_watches import MemoryWatches
from functions.monitoring.adapters.alerts.registered import RegisteredModels
from functions.monitoring.model.alerts import rules, watch
from functions.monitoring.model.alerts.conditions import Above
from functions.monitoring.model.alerts.deciding import Decision
from functions.monitoring.model.alerts.rules import RuleSpec
from functions.monitoring.model.alerts.watch import Watch
from functions.monitoring.model.windows.measures import P50, P95, P99, Point
from functions.monitoring.service.alerts.evaluation import Evaluation
from functions.monitoring.service.alerts.ports import Registered, Watches

WANTED = 1.0  # seconds for 1,000 rules
PROMISED, TENTH = 1_000, 10
WINDOWS = 4  # between two looks
CALM, HIGH = 50.0, 500.0  # the rules are above 100
MINUTE = dt.timedelta(minutes=1)
MEASURES = (P50, P95, P99)


class World:
    """Models with rules, and what was measured of them.

    Args:
        watches: where rules are.
        registered: the models.
        models: how many.
        of_each: rules of each model.
    """

    def __init__(self, watches: Watches, registered: Registered, models: int, of_each: int) -> None:
        self.clock, self.series, self.queue = ManualClock(), MemorySeries(), MemoryQueue()
        self.places = [Place(MAIN, f"model-{number}") for number in range(models)]
        self._of_each = of_each
        hints = Hints(self.queue)
        self.evaluation = Evaluation(
            watches, self.series, registered, lambda _: ["ops"], hints, self.clock
        )
        for place in self.places:
            watches.change(place, functools.partial(self._rules, place))

    def measure(self, value: float, every: int = 1) -> None:
        """Let windows pass in which every measure has a value; of some, models beyond are calm."""
        for _ in range(WINDOWS):
            start = self.clock.now()
            self.clock.advance(MINUTE.total_seconds())
            for number, place in enumerate(self.places):
                found = value if number % every == 0 else CALM
                point = Point(start, self.clock.now(), 100, found, None, None, alarm=False)
                for measure in MEASURES:
                    self.series.kept[MAIN, place.name, measure, "minute"].append(point)

    def evaluate(self) -> float:
        """Evaluate all; return the seconds that it took."""
        began = time.perf_counter()
        for place in self.places:
            self.evaluation.evaluate(place)
        return time.perf_counter() - began

    def _rules(self, place: Place, _: Watch | None) -> Decision:
        now = self.clock.now()
        decision = Decision(watch.new(place, now), now)
        for number in range(self._of_each):
            spec = RuleSpec(
                name=f"rule {number}",
                measure=MEASURES[number % len(MEASURES)],
                span="minute",
                condition=Above(100.0 + number),
                for_windows=1 + number % 4,
            )
            decision.put(rules.made(spec, f"r{number}", "benchmark", now))
        return decision


def model_of(place: Place, clock: ManualClock) -> Model:
    """Return a registered model."""
    now = clock.now()
    aliases = {"champion": 1}
    fields: dict[str, Any] = {"uid": "", "task": "binary", "latest": 1, "revision": 1}
    return Model(name=place.name, aliases=aliases, created_at=now, updated_at=now, **fields)


def figures(name: str, world: World, of_each: int) -> bool:
    """Print the figures of a world; return whether they are as promised."""
    count, models = len(world.places) * of_each, len(world.places)
    sys.stdout.write(f"{name}: {count:,} rules of {models} models\n")

    def told(what: str, seconds: float, notices: int) -> float:
        per = seconds * PROMISED / count
        found = len(world.queue.messages)
        world.queue.messages.clear()
        wrong = "" if found == notices else f" WRONG: {notices} were to be written"
        sys.stdout.write(f"  {what:20} {per * 1e3:8.1f} ms for 1,000; notices: {found}{wrong}\n")
        return per if not wrong else WANTED

    world.measure(CALM)
    told("first of all", world.evaluate(), 0)
    quiet = told("nothing turned", min(world.evaluate() for _ in range(5)), 0)
    world.measure(HIGH, TENTH)
    some = told("a tenth turned", world.evaluate(), len(range(0, models, TENTH)))
    world.measure(HIGH)
    rest = models - len(range(0, models, TENTH))
    told("all others turned", world.evaluate(), rest)
    return max(quiet, some) < WANTED


def in_memory(models: int, of_each: int) -> bool:
    """Print what the decisions alone take."""
    registered = MemoryRegistered()
    watches = MemoryWatches(MemorySteps("monitoring", ManualClock()))
    world = World(watches, registered, models, of_each)
    for place in world.places:
        registered.models[place] = model_of(place, world.clock)
    return figures("in memory", world, of_each)


def on_firestore(models: int, of_each: int) -> bool:
    """Print what they take with documents and transactions."""
    with harness.emulator() as (address, _):
        harness.client(address)  # which sets the address for ours
        watches = FirestoreWatches(FirestoreSteps("monitoring", ManualClock()))
        world = World(watches, RegisteredModels(), models, of_each)
        for place in world.places:
            document = model_document(model_of(place, world.clock))
            firestore.client().collection(MODELS).document(place.name).set(document)
        return figures("Firestore emulator", world, of_each)


def main() -> None:
    """Print both; end with 1 unless 1,000 rules take less than a second, also where some turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--rules", type=int, default=20, help="of each model")
    given = parser.parse_args()
    good = [where(given.models, given.rules) for where in (in_memory, on_firestore)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
