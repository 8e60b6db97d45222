"""What a replica tells of its versions: changes, bounded; and that it holds none when it ends."""

from types import SimpleNamespace
from typing import Any

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away
from functions.kit.contract.models.serving import MOST, Held, Told
from functions.prediction.service.ports import Made, Target
from functions.prediction.service.serving import CALLS_EVERY, RENEWED_EVERY, Serving


class Replica:
    """A Serving, what it told, and what stands in it."""

    def __init__(self) -> None:
        self.told: list[Held] = []
        self.taken: list[Made] = []
        self.is_away = False
        self.standing: dict[Target, str] = {}
        self.clock = ManualClock()
        self.serving = Serving(
            self, self._tell, lambda: self.standing, self.clock.monotonic, pause=3600.0
        )

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        self.taken.append(made)

    def _tell(self, told: Told) -> None:
        if self.is_away:
            raise Away("models is away.")
        self.told += told.held

    def call(self, model: str, at: float) -> None:
        version: Any = SimpleNamespace(model=model, version=1)
        chosen: Any = SimpleNamespace(predictor=SimpleNamespace(version=version))
        caller: Any = SimpleNamespace(workspace=MAIN)
        made: Any = SimpleNamespace(at=at, chosen=chosen, caller=caller)
        self.serving.take(made)

    def look(self) -> list[Held]:
        self.told.clear()
        self.serving.look()
        return [*self.told]


@pytest.fixture
def replica():
    made = Replica()
    yield made
    made.serving.close()


def target(model: str) -> Target:
    return Target(Place(MAIN, model), "u", 1)


def test_what_is_held_is_told_once_until_it_is_to_be_renewed(replica):
    replica.standing[target("a")] = ""
    assert replica.look() == [Held(MAIN, "a", 1, warm=True)]
    assert replica.look() == []
    replica.clock.advance(RENEWED_EVERY)
    assert replica.look() == [Held(MAIN, "a", 1, warm=True)]


def test_calls_are_told_once_in_a_while_and_reach_the_log(replica):
    replica.standing[target("a")] = ""
    replica.call("a", 5.0)
    assert replica.look() == [Held(MAIN, "a", 1, warm=True, called_at=5.0)]
    replica.call("a", 6.0)
    assert replica.look() == []
    replica.clock.advance(CALLS_EVERY)
    assert [one.called_at for one in replica.look()] == [6.0]
    assert [made.at for made in replica.taken] == [5.0, 6.0]


def test_what_leaves_and_what_cannot_be_loaded_is_told(replica):
    replica.standing[target("a")] = ""
    replica.look()
    replica.standing = {target("b"): "its file is gone"}
    told = replica.look()
    assert Held(MAIN, "a", 1) in told
    assert Held(MAIN, "b", 1, fault="its file is gone") in told
    assert replica.look() == []


def test_who_was_not_told_is_told_later(replica):
    replica.standing[target("a")] = ""
    replica.is_away = True
    assert replica.look() == []
    replica.is_away = False
    assert len(replica.look()) == 1


def test_so_many_at_once_and_the_rest_after(replica):
    replica.standing = {target(f"m{number}"): "" for number in range(MOST + 5)}
    first = replica.look()
    second = replica.look()
    assert (len(first), len(second)) == (MOST, 5)
    assert {one.model for one in (*first, *second)} == {f"m{n}" for n in range(MOST + 5)}


def test_the_end_says_that_nothing_is_held(replica):
    replica.standing[target("a")] = ""
    replica.call("a", 5.0)
    replica.look()
    replica.told.clear()
    replica.serving.close()
    assert replica.told == [Held(MAIN, "a", 1, called_at=5.0)]
