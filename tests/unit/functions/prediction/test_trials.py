"""A trial in one replica: who answers when a version fails, who follows, and what is counted."""

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from onnx import helper

from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Failed, NotFound
from functions.kit.contract.models.features import Array
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.traffic import Bounds, Counted, Tally, Traffic
from functions.kit.contract.telemetry.predictions import given_at
from functions.models.model.counting import Sums, with_counted
from functions.models.model.traffic import slots
from functions.prediction.adapters.memory_registry import MemoryRegistry
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.responses import Ids
from functions.prediction.model.tables import Rows
from functions.prediction.service import ports
from functions.prediction.service.ports import Chosen, Made
from functions.prediction.service.predictions import Service, run
from functions.prediction.service.trials.counts import Key, TrialCounts
from functions.prediction.service.trials.later import Later
from functions.prediction.service.trials.trials import Trials
from tests.support.models import hostile
from tests.support.models.onnx import Exported, describe, heavy
from tests.support.processes import wait_until

AGES = Place(MAIN, "ages")
ANN = Caller(name="ann", kind="key", account="ann", key="k1")
IDENT = Ids()()
KEY = Key(AGES, "champion", "t")


def exported(operator: str, *inputs: str) -> Exported:
    """Return a model of `age` that applies one operator to it."""
    made = hostile.model([helper.make_node(operator, inputs, ["value"])])
    return Exported(made.SerializeToString(), heavy(4).signature)


MODELS = {1: exported("Identity", "age"), 2: exported("Log", "age"), 3: exported("Neg", "age")}
"""The second fails at an age of 0."""


class Told:
    """Takes what replicas tell and what the log is told."""

    def __init__(self) -> None:
        self.counted: list[tuple[Place, str, Counted]] = []
        self.made: list[Made] = []
        self.is_away = False

    def tell(self, model: Place, alias: str, counted: Counted) -> None:
        if self.is_away:
            raise Away("models is away.")
        self.counted.append((model, alias, counted))

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        self.made.append(made)


class House:
    """A replica that serves a model of three versions, with traffic or without."""

    def __init__(self, opened: Callable[..., Predictor] = Predictor) -> None:
        self.told, self.clock = Told(), ManualClock()
        self.registry = MemoryRegistry()
        self.trials = Trials(self.told.tell)
        files = {one.sha256: one.data for one in MODELS.values()}
        self.service = Service(
            self.registry,
            lambda file: files[file.sha256],
            opened,
            10**9,
            self.clock,
            lambda: self.trials,
        )

    def put(self, shares: dict[int, int] | None = None, shadows: list[int] | None = None) -> None:
        """Share the calls out among some versions."""
        traffic = {} if shares is None else {"champion": traffic_of(shares, shadows or [])}
        model = Model(
            name="ages",
            uid="u",
            task="regression",
            latest=3,
            aliases={"champion": 1},
            traffic=traffic,
            revision=1,
            created_at=START,
            updated_at=START,
        )
        versions = [describe(one, model="ages", version=n) for n, one in MODELS.items()]
        self.registry.put(model, *versions)

    def ask(self, age: float, sticky: str = "") -> tuple[Chosen, Array]:
        """Predict for one age; return who answered, and what."""
        first = self.service.choose(AGES, "champion", ANN, sticky)
        rows = first.predictor.reader.convert([{"age": age}])
        chosen, taken, output = run(first, rows, output_of)
        made = Made(0.0, IDENT, chosen, taken, output, 0.001, ANN)
        self.told.take(made)
        if chosen.trial is not None:
            chosen.trial.follow(made, self.told)
        return chosen, output

    def sticky_to(self, version: int) -> str:
        """Return a key that leads to a version."""
        keys = map(str, range(10_000))
        return next(key for key in keys if self.version_of(key) == version)

    def version_of(self, key: str) -> int:
        chosen = self.service.choose(AGES, "champion", ANN, key)
        return chosen.predictor.version.version

    def sums(self) -> dict[int, Tally]:
        """Return what was counted so far, told or not."""
        self.trials.counts.tell()
        sums: dict[int, Tally] = {}
        for _, _, counted in self.told.counted:
            for version, tally in counted.tallies.items():
                sums.setdefault(version, Tally()).add(tally)
        return sums


def output_of(predictor: ports.Predictor, rows: Rows) -> Array:
    return predictor.run(predictor.encode(rows))


def traffic_of(shares: dict[int, int], shadows: list[int]) -> Traffic:
    return Traffic(
        id="t",
        champion=1,
        shares=shares,
        shadows=shadows,
        slots=slots([1] * 100, shares),
        bounds=Bounds(),
        by="ann",
        at=START,
    )


@pytest.fixture
def house() -> House:
    return House()


def test_without_traffic_nothing_is_tried(house: House) -> None:
    house.put()
    chosen, _ = house.ask(2)
    assert (chosen.why, chosen.trial) == ("alias", None)
    assert house.service.choose(AGES, 2, ANN, "x").why == "version"
    assert house.sums() == {}


def test_a_challenger_that_fails_has_the_champion_answer(house: House) -> None:
    house.put({1: 50, 2: 50})
    sticky = house.sticky_to(2)
    chosen, output = house.ask(1, sticky)
    assert (chosen.predictor.version.version, output.tolist()) == (2, [[0.0]])
    chosen, output = house.ask(0, sticky)
    assert (chosen.predictor.version.version, output.tolist()) == (1, [[0.0]])
    assert chosen.why == "version 2 failed"
    sums = house.sums()
    assert (sums[2].calls, sums[2].errors, sums[1].calls, sums[1].errors) == (2, 1, 1, 0)


def test_a_champion_that_fails_says_so(house: House) -> None:
    registry = house.registry
    house.put({1: 50, 2: 50})
    model = msgspec.structs.replace(
        registry._known(AGES),
        aliases={"champion": 2},
        traffic={"champion": msgspec.structs.replace(traffic_of({1: 50, 2: 50}, []), champion=2)},
    )
    registry.put(model)
    sticky = house.sticky_to(2)
    with pytest.raises(Failed):
        house.ask(0, sticky)
    assert house.sums()[2].errors == 1


def test_a_version_that_cannot_be_loaded_has_the_champion_answer() -> None:
    house = House(opened=fails_to_open(2))
    house.put({1: 50, 2: 50}, [3])
    found = [house.ask(2, str(number))[0] for number in range(60)]
    assert {one.predictor.version.version for one in found} == {1}
    whys = [one.why for one in found]
    assert set(whys) == {"share 50 %, by key", "version 2 cannot be loaded"}
    assert house.sums()[2].errors == whys.count("version 2 cannot be loaded")


def fails_to_open(version: int) -> Callable[..., Predictor]:
    def opened(found: Any, data: bytes) -> Predictor:
        if found.version == version:
            raise NotFound("Its file is gone.")
        return Predictor(found, data)

    return opened


def test_a_shadow_answers_behind_the_callers_backs(house: House) -> None:
    house.put({1: 100}, [3])
    chosen, output = house.ask(2)
    assert (chosen.predictor.version.version, output.tolist()) == (1, [[2.0]])
    wait_until(lambda: len(house.told.made) == 2, what="the shadow")
    answered, shadow = house.told.made
    assert given_at(f"{shadow.id}-0") == given_at(f"{answered.id}-0") is not None
    assert (answered.id, shadow.id, shadow.chosen.why) == (IDENT, f"{IDENT}000000000003", "shadow")
    assert (shadow.chosen.predictor.version.version, shadow.output.tolist()) == (3, [[-2.0]])
    assert (shadow.caller, shadow.chosen.trial) == (ANN, None)
    wait_until(lambda: 3 in house.sums(), what="the comparison")
    tally = house.sums()[3]
    assert (tally.calls, tally.compared, tally.apart) == (1, 1, 4.0)


def test_who_follows_does_not_follow_what_was_remembered(house: House) -> None:
    house.put({1: 100}, shadows=[3])
    house.ask(2.0)
    wait_until(lambda: len(house.told.made) == 2, what="the shadow")
    made = house.told.made[0]
    assert made.chosen.trial is not None
    remembered = made._replace(id="hit", chosen=made.chosen._replace(cache=ports.HIT))
    made.chosen.trial.follow(remembered, house.told)
    made.chosen.trial.follow(made._replace(id="miss"), house.told)  # those that do come in order
    wait_until(lambda: len(house.told.made) == 3, what="the shadow of the miss")
    assert house.told.made[2].id.startswith("miss")


def test_a_shadow_that_fails_or_waits_slows_nobody() -> None:
    held = threading.Event()
    house = House(opened=held_at(3, held))
    house.put({1: 100}, [2, 3])
    began = time.monotonic()
    answers = [house.ask(0)[1].tolist() for _ in range(200)]
    assert answers == [[[0.0]]] * 200
    assert time.monotonic() - began < 10  # the shadow is held for ever
    wait_until(lambda: house.sums()[2].errors > 0, what="the failure of the other shadow")
    # What did not fit into the queue was dropped, and counted.
    dropped = house.sums()[3].dropped
    assert 0 < dropped < 200
    held.set()
    wait_until(lambda: house.sums()[3].compared + dropped == 200, what="the comparisons")


def held_at(version: int, held: threading.Event) -> Callable[..., Predictor]:
    """Return what makes a version ready whose runs wait for an event."""

    class Held(Predictor):
        def run(self, inputs: Any) -> Array:
            held.wait(60)
            return super().run(inputs)

    def opened(found: Any, data: bytes) -> Predictor:
        return (Held if found.version == version else Predictor)(found, data)

    return opened


def test_what_a_challenger_answers_the_champion_does_too(house: House) -> None:
    house.put({1: 50, 2: 50})
    house.ask(1, house.sticky_to(2))
    wait_until(lambda: house.sums()[2].compared == 1, what="the comparison")
    assert house.sums()[2].apart == pytest.approx(1.0)
    assert [made.chosen.predictor.version.version for made in house.told.made] == [2]


def test_nobody_waits_for_a_challenger_that_is_being_loaded() -> None:
    held = threading.Event()

    def opened(found: Any, data: bytes) -> Predictor:
        if found.version == 2:
            held.wait(60)
        return Predictor(found, data)

    house = House(opened)
    house.put()
    house.ask(1)
    house.put({1: 50, 2: 50})
    house.clock.advance(5)
    chosen, _ = house.ask(1)
    assert (chosen.why, chosen.trial) == ("alias", None)
    held.set()

    def shared() -> bool:
        house.clock.advance(5)
        return house.ask(1)[0].trial is not None

    wait_until(shared, what="the traffic")
    assert house.version_of(house.sticky_to(2)) == 2


def test_what_is_not_taken_is_told_again_under_its_number() -> None:
    told = Told()
    counts = TrialCounts(told.tell, pause=1000)
    told.is_away = True
    counts.add(KEY, 2, Tally(calls=1))
    counts.tell()
    counts.add(KEY, 2, Tally(calls=5))
    counts.tell()
    assert told.counted == []
    told.is_away = False
    counts.tell()
    counts.tell()
    found = [(one.number, one.tallies[2].calls) for _, _, one in told.counted]
    assert found == [(1, 1), (2, 5)]
    assert len({one.replica for _, _, one in told.counted}) == 1


def test_what_was_taken_though_its_answer_was_lost_counts_once() -> None:
    sums: Sums | None = None
    answers = iter((False, True, True))

    def tell(_model: Place, _alias: str, counted: Counted) -> None:
        nonlocal sums
        sums = with_counted(sums, counted, START) or sums
        if not next(answers):
            raise Away("The connection broke.")

    counts = TrialCounts(tell, pause=1000)
    for calls in (1, 5, 0):
        counts.add(KEY, 2, Tally(calls=calls))
        counts.tell()
    assert sums is not None
    assert sums.tallies[2].calls == 6


def test_an_end_tells_the_rest() -> None:
    told = Told()
    counts = TrialCounts(told.tell, pause=1000)
    counts.add(KEY, 2, Tally(calls=3))
    counts.close()
    assert [(place, alias, one.traffic) for place, alias, one in told.counted] == [KEY]


def test_what_is_too_much_is_not_done_later() -> None:
    held, done = threading.Event(), []
    later = Later(most=3, most_rows=100)
    assert later.do(1, lambda: done.append(held.wait(60)))
    wait_until(lambda: later._rows == 0, what="the first")
    assert [later.do(rows, lambda: done.append(True)) for rows in (40, 40, 40, 20, 1)] == [
        *(True, True, False, True, False)
    ]
    held.set()
    wait_until(lambda: len(done) == 4, what="the rest")


def test_labels_and_probabilities_are_held_against_each_other() -> None:
    from functions.prediction.model.agreement import compare  # noqa: PLC0415 - of this test alone
    from tests.support.models.onnx import train  # noqa: PLC0415 - takes a second

    signature = train().signature
    ours = np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]])
    theirs = np.array([[0.7, 0.3], [0.6, 0.4], [0.5, 0.5]])
    strict = msgspec.structs.replace(signature, threshold=0.5)
    rows, agreed, apart = compare(signature, ours, signature, theirs)
    assert (rows, agreed) == (3, 2)
    assert apart == pytest.approx(0.4)
    assert compare(signature, ours, strict, theirs).agreed == 1
