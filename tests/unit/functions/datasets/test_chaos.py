"""Imports and removals whose messages and processes meet everything that may happen to them.

All of it in two workspaces at once, whose datasets have one name.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.service.changing import batches, starter
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.datasets.service.deleting import Remover
from functions.datasets.service.files.importing import Importer
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.datasets import A, House, anyone

RARE = 0.02
ROWS = 12
B = Place("other", "a")
NUMBERS = {A: list(range(ROWS)), B: list(range(100, 100 + ROWS))}
TABLES = {
    place: "n\n" + "".join(f"{row}\n" for row in numbers) for place, numbers in NUMBERS.items()
}
DAY = 25 * 3600


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr(starter, "EDITS", 0)
    monkeypatch.setattr(batches, "EDITS", 2)
    for steps in (Importer, Remover, Changer):
        monkeypatch.setattr(steps, "seconds", 1.0)


class Chaos:
    """One dataset a workspace in a hostile world; every row that is written is counted."""

    def __init__(self, seed: int, **peril: Any) -> None:
        self.chance = chance = random.Random(seed)
        self.peril = Peril(chance, **peril)
        self.house = House(self.peril, LossyQueue(chance))
        self.house.clock._tick = 0.05  # so that an import takes several turns
        self.written: Counter[tuple[Place, str]] = Counter()
        self._note_rows()
        house = self.house
        self.life = Life(
            chance,
            house.queue,
            house.clock,
            house.look,
            house.lookout.look,
            self._read,
            self._resume,
        )
        self.peril.meanwhile = self.life.while_one_is_held_up

    def _note_rows(self) -> None:
        genuine = self.house.rows.import_batch

        def import_batch(place: Place, writes: Any, *more: Any) -> Any:
            version = genuine(place, writes, *more)
            self.written.update((place, record.id) for record in writes)
            return version

        vars(self.house.rows)["import_batch"] = import_batch

    def _read(self) -> None:
        try:
            self.house.datasets.get(self.chance.choice((A, B)))
        except NotFound:
            return

    def _resume(self) -> None:
        try:
            self.house.datasets.resume(self.chance.choice((A, B)))
        except NotFound:
            return

    def insist(self, act: Callable[[], object]) -> None:
        """Do it until there is an answer, as a user does."""
        while True:
            try:
                act()
            except Killed:
                continue
            except NotFound:  # it is gone, as was wished
                return
            return

    def state(self, place: Place) -> str:
        """Return a dataset's state; "gone" when it is not there."""
        try:
            return self.house.store.find(place).dataset.state
        except NotFound:
            return "gone"

    def begin(self, place: Place) -> None:
        """Upload, by a request that is sent again until it is answered."""
        self.insist(lambda: self.house.upload(TABLES[place], place, f"{place.workspace}-upload"))

    def upload(self, *places: Place) -> None:
        for place in places:
            self.begin(place)
        self.life.until(lambda: all(self.state(place) == "ready" for place in places))

    def remove(self, place: Place) -> None:
        self.insist(lambda: self.house.datasets.delete(place, anyone))
        self.life.until(lambda: self.state(place) == "gone")

    def rows(self, place: Place) -> list[object]:
        return [row["n"] for row in self.house.values(place)]

    def end(self) -> None:
        """Let everything that is left come to nothing."""
        self.peril.end()
        self.life.drain()
        assert self.house.due.waiting == []


def check_import(chaos: Chaos) -> None:
    """Let it be imported; whatever happens, each row is written, and is written once."""
    chaos.upload(A, B)
    chaos.end()
    for place, numbers in NUMBERS.items():
        ready = chaos.house.datasets.get(place)
        assert (ready.state, ready.rows_done, ready.revision) == ("ready", ROWS, 1)
        assert chaos.rows(place) == numbers
        assert ready.file not in chaos.house.bucket.stored
        listed = chaos.house.lists.page(place, PageQuery(limit=100), Query()).items
        assert [one.values["n"] for one in listed] == numbers
    assert set(chaos.written.values()) == {1}
    assert len(chaos.written) == 2 * ROWS


def check_removal(chaos: Chaos) -> None:
    """Let one of two be removed; whatever happens, nothing is left of it, and all of the other."""
    chaos.upload(A, B)
    chaos.remove(A)
    chaos.end()
    assert (chaos.state(A), chaos.house.values(A)) == ("gone", [])
    assert (chaos.state(B), chaos.rows(B)) == ("ready", NUMBERS[B])
    # Uploads that were killed have left files that nobody names: for those there is the sweeper.
    chaos.house.clock.advance(DAY)
    for workspace in (MAIN, B.workspace):
        place = Place(workspace, "b")
        chaos.house.upload("n\n1\n", place)
        chaos.house.importer.step(place)
    assert (chaos.house.files, chaos.house.tables_of(A)) == ({}, [])
    assert len(chaos.house.tables_of(B)) in {1, 2}


def check_records(chaos: Chaos) -> None:
    """Let records be added by requests that are repeated; whatever happens, each is made once."""
    chaos.upload(A, B)
    house = chaos.house
    for number in range(3):
        body = b'{"n": %d}' % number
        for place in (A, B):
            key = f"{place.workspace}-{number}"
            chaos.insist(lambda at=place, body=body, key=key: house.records.create(at, body, key))  # type: ignore[misc] # bound early
    chaos.end()
    for place, numbers in NUMBERS.items():
        assert chaos.rows(place) == [*numbers, 0, 1, 2]
        listed = house.lists.page(place, PageQuery(limit=100), Query()).items
        assert [one.values["n"] for one in listed] == [*numbers, 0, 1, 2]
        assert house.datasets.get(place).revision == 4


def check_changes(chaos: Chaos) -> None:
    """Let half of one be removed in steps, and brought back; nobody ever sees a part of it."""
    chaos.upload(A, B)
    house = chaos.house
    for act, left in ((_halve, NUMBERS[A][6:]), (_bring_back, NUMBERS[A])):
        chaos.insist(lambda act=act: act(house))  # type: ignore[misc] # bound early
        chaos.life.until(lambda: house.store.find(A).dataset.under_way is None)
        assert chaos.rows(A) == left
    chaos.end()
    assert (house.datasets.get(A).revision, house.datasets.get(A).rows) == (3, ROWS)
    assert [part.change.revision for part in house.log.parts(A, 0, 9) if not part.number] == [
        1,
        2,
        3,
    ]
    assert chaos.rows(B) == NUMBERS[B]


def _halve(house: House) -> None:
    if house.store.find(A).dataset.under_way is None and house.store.find(A).dataset.revision == 1:
        house.many.remove(A, Which(["n<6"]), Asked("ann", anyone))


def _bring_back(house: House) -> None:
    house.undoing.undo(A, 2, Asked("ann", anyone, "once"))


CHECKS = [check_import, check_removal, check_records, check_changes]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("check", CHECKS)
def test_messages_and_processes_at_the_mercy_of_chance(
    seed: int, check: Callable[[Chaos], None]
) -> None:
    check(Chaos(seed, kills=RARE, holds=RARE))


@pytest.mark.parametrize("check", CHECKS)
def test_a_process_killed_at_any_one_point(check: Callable[[Chaos], None]) -> None:
    calm = Chaos(0)
    check(calm)
    assert calm.peril.points > 40
    # What has very many points is killed at some of them: it takes its steps again and again.
    every = 1 + calm.peril.points // 100
    for point in range(1, calm.peril.points + 1, every):
        check(Chaos(0, kill_at=point))


@pytest.mark.parametrize("seed", range(10))
def test_a_removal_ends_an_import_that_is_under_way(seed: int) -> None:
    chaos = Chaos(seed, kills=RARE, holds=RARE)
    chaos.begin(A)
    for _ in range(seed * 2):
        chaos.life.act()
    chaos.remove(A)
    chaos.end()
    assert chaos.house.values() == []
    with pytest.raises(NotFound):
        chaos.house.datasets.get(A)


def test_the_same_name_is_free_again_once_a_removal_is_through() -> None:
    chaos = Chaos(3, kills=RARE, holds=RARE)
    chaos.upload(A)
    chaos.remove(A)
    chaos.written.clear()
    try:
        chaos.upload(A)
    except Conflict:
        pytest.fail("it is gone, and yet in the way")
    chaos.end()
    assert chaos.written == {(A, f"{row:09d}"): 1 for row in range(1, ROWS + 1)}
