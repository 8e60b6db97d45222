"""Who was held up harms nothing on Firestore, either; see the unit tests of this name."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from functions.datasets.adapters.firestore.changes import ChangeLog
from functions.datasets.adapters.firestore.datasets import Store
from functions.datasets.adapters.firestore.imports import ImportStore
from functions.datasets.adapters.firestore.records import RecordStore
from functions.datasets.adapters.firestore.turns import Turns
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import LONGEST_GRACE, Step
from tests.support.held_up import (
    NEXT,
    WRITERS,
    Rows,
    each,
    fail_and_begin_anew,
    make_anew,
    make_small,
    others,
    remove,
)
from tests.support.in_memory.chaos import Peril
from tests.support.in_memory.datasets import House, Kept

EVERY = 13
"""Of so many points a writer is held up at one: all of them take minutes."""


class Steps(FirestoreSteps):
    """Steps that tell all that is due."""

    @property
    def waiting(self) -> list[Step]:
        return self.overdue(self._clock.now() + 2 * LONGEST_GRACE, 100)


def in_firestore(clock: Clock) -> Kept:
    """Return stores in Firestore, whose steps no other house has."""
    name = f"datasets-{uuid4().hex}"
    steps = Steps(name, clock)
    turns = Turns(f"import_turns/{name}")
    return Kept(steps, Store(steps), RecordStore(steps), ChangeLog(), ImportStore(), turns)


def made(peril: Peril) -> House:
    return House(peril, kept=in_firestore)


@pytest.fixture(autouse=True)
def _small_commits(monkeypatch: pytest.MonkeyPatch, emulators: dict[str, str]) -> None:
    make_small(monkeypatch)


Meanwhile = Callable[[House], None]
ANEW: list[Rows | None] = [NEXT]
CASES: list[tuple[str, Meanwhile, list[Rows | None]]] = [
    *((name, others, WRITERS[name].ends) for name in ("first", "replace", "cancel", "change")),
    ("replace", fail_and_begin_anew, WRITERS["replace"].ends),
    *((name, make_anew, ANEW) for name in ("first", "replace", "change")),
    ("delete", make_anew, [NEXT, None]),
]


@pytest.mark.parametrize(("name", "meanwhile", "ends"), CASES)
def test_who_was_held_up(name: str, meanwhile: Meanwhile, ends: list[Rows | None]) -> None:
    for world in each(WRITERS[name], meanwhile, made, EVERY):
        found = world.end()
        remove(world.house)
        assert found in ends
