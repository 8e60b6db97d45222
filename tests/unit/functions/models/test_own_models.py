"""Functions as versions: what they say of themselves, and how versions stand."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Conflict, Failed, Invalid, NotFound
from functions.kit.contract.models.own_models import Schema
from functions.kit.contract.models.registration import Registration
from functions.kit.contract.models.serving import LEASE, Held, Told
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.pages import PageQuery
from functions.models.adapters.memory_store import MemoryStore
from functions.models.model.standing import Seen
from functions.models.service.own_models import OwnModel, OwnModels
from functions.models.service.registry import Service
from functions.models.service.states import PROBED_FOR, States
from tests.support.callers.identities import caller
from tests.support.models.onnx import train
from tests.support.models.registrations import registration

ANN = caller("ann")
CHURN = Place(MAIN, "churn")
PATH = "models/churn/a.onnx"
SCHEMA = Schema("binary", "left", [Column("age", "integer", required=True)], ["no", "yes"])


def of_a_file() -> Registration:
    """Return a registration of what training made."""
    file = {"path": PATH, "sha256": "0" * 64, "bytes": 3}
    return msgspec.convert(registration(train(), file, "j"), Registration)


class House:
    """A registry, a function that says what it is told to, and what replicas told."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.bucket = MemoryBucket(self.clock)
        self.service = Service(MemoryStore(), self.bucket, lambda _: None, self.clock)
        self.said: Schema | Exception = SCHEMA
        self.fault: Exception | None = None
        self.checks = 0
        self.notes: dict[tuple[Place, int], Seen] = {}
        self.own = OwnModels(self.service, self)
        self.states = States(self.service, self, self.bucket, self, self.clock)

    def schema(self, function: Place) -> Schema:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    def check(self, function: Place) -> None:
        self.checks += 1
        if self.fault is not None:
            raise self.fault

    def seen(self, place: Place, versions: Any) -> dict[int, Seen]:
        return {one: self.notes[place, one] for one in versions if (place, one) in self.notes}

    def note(self, place: Place, version: int, change: Any) -> None:
        self.notes[place, version] = change(self.notes.get((place, version), Seen()))

    def register(self, *, new_line: bool = False) -> tuple[int, bool]:
        wanted = OwnModel("churn", new_line)
        version, new = self.own.register(CHURN, wanted, ANN)
        return version.version, new

    def tell(self, replica: str = "r", **held: Any) -> None:
        self.states.take(Told(replica, [Held(MAIN, "churn", 1, **held)]))


@pytest.fixture
def house():
    return House()


def test_the_same_schema_is_the_same_version_and_another_the_next(house):
    assert [house.register(), house.register()] == [(1, True), (1, False)]
    house.said = replace(SCHEMA, columns=[*SCHEMA.columns, Column("town", "text")])
    assert [house.register(), house.register()] == [(2, True), (2, False)]
    house.said = SCHEMA
    with pytest.raises(Conflict, match="column 'town'"):
        house.register()
    assert house.register(new_line=True) == (3, True)
    found = house.service.version(CHURN, "3")
    assert (found.function, found.file, found.line, found.owner) == ("churn", None, 2, "ann")
    assert house.service.model(CHURN).aliases == {"champion": 1}


@pytest.mark.parametrize(
    ("said", "error", "reason"),
    [
        (replace(SCHEMA, labels=["yes"]), Invalid, "contradicts itself"),
        (replace(SCHEMA, columns=[]), Invalid, "contradicts itself"),
        (Failed("The function 'churn' gives nonsense."), Invalid, "gives nonsense"),
        (Away("The function 'churn' does not answer."), Away, "does not answer"),
        (NotFound("There is no function 'churn'."), NotFound, "no function"),
    ],
)
def test_what_cannot_be_a_version_is_refused_in_words(house, said, error, reason):
    house.said = said
    with pytest.raises(error, match=reason):
        house.register()
    with pytest.raises(NotFound):
        house.service.model(CHURN)


def test_a_version_has_a_file_or_a_function(house):
    told = of_a_file()
    for changes in ({"function": "churn"}, {"file": None}, {"dataset": ""}, {"snapshot": ""}):
        with pytest.raises(Invalid, match="contradicts itself"):
            house.service.register(CHURN, replace(told, **changes), ANN)


def test_a_function_is_away_while_its_probe_fails_and_is_not_asked_all_the_time(house):
    house.register()
    assert [house.states.of(CHURN, "1").state for _ in range(3)] == ["ready"] * 3
    assert house.checks == 1
    house.fault = Away("The function 'churn' answers 503: the scales are out")
    house.clock.advance(PROBED_FOR)
    away = house.states.of(CHURN, "1")
    assert (away.state, away.reason) == ("away", house.fault.detail)
    house.fault = None
    house.clock.advance(PROBED_FOR)
    assert house.states.of(CHURN, "1").state == "ready"


def test_a_file_is_loadable_ready_where_it_is_warm_and_broken_when_it_is_gone(house):
    house.bucket.write(PATH, b"abc", "application/octet-stream")
    house.service.register(CHURN, of_a_file(), ANN)
    assert house.states.of(CHURN, "1").state == "loadable"

    house.tell("a", warm=True, called_at=house.clock.now().timestamp())
    house.tell("b", warm=True)
    state = house.states.of(CHURN, "1")
    assert (state.state, state.warm) == ("ready", ["a", "b"])
    assert state.last_called == house.clock.now()

    house.tell("a")
    assert house.states.of(CHURN, "1").warm == ["b"]
    house.clock.advance(LEASE)
    assert house.states.of(CHURN, "1").state == "loadable"

    house.tell("c", fault="onnxruntime cannot open its file")
    assert house.states.of(CHURN, "1").reason == "onnxruntime cannot open its file"
    house.tell("c", warm=True)
    assert house.states.of(CHURN, "1").state == "ready"
    house.bucket.delete(PATH)
    [broken] = house.states.page(CHURN, PageQuery()).items
    assert (broken.state, broken.reason) == ("broken", "its file is gone")
    assert broken.last_called == state.last_called
