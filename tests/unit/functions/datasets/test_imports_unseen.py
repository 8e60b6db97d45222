"""Nobody sees half of an import, and whatever happens to it, it is whole or was never there."""

import random
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.service.files.importing import Importer
from functions.datasets.service.imports.steps import ImportSteps
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.requests.pages import PageQuery
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.datasets import A, House, anyone

RARE = 0.02
B = Place("other", "a")
ROWS = 5
OLD = {n: f"old {n}" for n in range(ROWS)}
NEW = {n: f"new {n}" for n in range(3, ROWS + 2)}
DAY = 25 * 3600


def table(rows: dict[int, str]) -> str:
    return "n,t\n" + "".join(f"{n},{text}\n" for n, text in rows.items())


WANTED: dict[str, list[tuple[int, str]]] = {
    "append": [*OLD.items(), *NEW.items()],
    "replace": list(NEW.items()),
    "upsert": list((OLD | NEW).items()),
}
MODES: list[dict[str, Any]] = [
    {"mode": "append"},
    {"mode": "replace"},
    {"mode": "upsert", "key": ["n"]},
]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr("functions.datasets.service.changing.batches.EDITS", 2)
    monkeypatch.setattr("functions.datasets.service.imports.tables.WORTH_A_FILE", 1)
    for steps in (Importer, ImportSteps):
        monkeypatch.setattr(steps, "seconds", 1.0)


def shown(house: House, place: Place = A) -> list[tuple[Any, ...]]:
    """Return all rows, by each way that there is to read them, which must agree."""
    page = house.lists.page(place, PageQuery(limit=100), Query(), count=True)
    listed = [tuple(record.values.values()) for record in page.items]
    text = b"".join(house.exports.open(place, "csv", Query()).content).decode()
    lines = text.splitlines()[1:]
    assert lines == [f"{n},{t}" for n, t in listed]
    for record in page.items:
        assert house.records.get(place, record.id) == record
        asked = Query([f"t=={record.values['t']}"])
        equal = house.lists.page(place, PageQuery(), asked).items
        assert record in equal
    dataset = house.datasets.get(place)
    assert dataset.rows == page.count == len(listed)
    return listed


class Chaos:
    """An import into one dataset a workspace, in a hostile world that is watched."""

    def __init__(
        self, seed: int, asked: dict[str, Any], places: tuple[Place, ...] = (A, B), **peril: Any
    ) -> None:
        self.places = places
        self.chance = chance = random.Random(seed)
        self.asked = asked
        self.peril = Peril(chance)
        self.house = house = House(self.peril, LossyQueue(chance))
        house.clock._tick = 0.05
        others = (house.look, house.lookout.look, self.read, self.resume)
        self.life = Life(chance, house.queue, house.clock, *others)
        for place in places:
            house.upload(table(OLD), place)
            house.importer.step(place)
        self.life.until(lambda: all(house.datasets.get(one).state == "ready" for one in places))
        self.peril.points = 0
        self.peril.__init__(chance, **peril)  # type: ignore[misc] # it begins here
        self.peril.meanwhile = self.life.while_one_is_held_up
        self.ends = [list(OLD.items()), WANTED[asked["mode"]]]

    def read(self) -> None:
        """Look at all there is: it is what was, or what will be."""
        place = self.chance.choice(self.places)
        try:
            moment = self.house.store.find_shown(place).moment
        except NotFound:  # to callers it is gone at once
            return
        records = self.house.rows.read(place, moment=moment)
        assert [tuple(record.values.values()) for record in records] in self.ends

    def resume(self) -> None:
        with suppress(NotFound, Conflict):  # not there yet, or over
            self.house.imports.resume(self.chance.choice(self.places), "1")

    def insist(self, act: Callable[[], object]) -> None:
        """Do it until there is an answer, as a user does."""
        while True:
            try:
                act()
            except Killed:
                continue
            return

    def begin(self) -> None:
        for place in self.places:
            key = f"{place.workspace}-import"
            self.insist(partial(self.house.bring, table(NEW), place, key, **self.asked))

    def state(self, place: Place) -> str:
        return self.house.imports.get(place, "1").state

    def until(self, *states: str) -> None:
        def is_over() -> bool:
            try:
                return all(self.state(place) in states for place in self.places)
            except Killed:
                return False

        self.life.until(is_over)

    def end(self) -> None:
        """Let everything that is left come to nothing: no step, no file, no record too many."""
        self.peril.end()
        self.life.drain()
        self.life.until(lambda: not self.house.due.waiting)

    def sweep(self) -> None:
        """Let the next import find what dead ones left: no file stays."""
        self.house.clock.advance(DAY)
        for place in self.places:
            self.house.bring("n,t\n1,x\n", place, dry_run=True)
            self.life.until(lambda at=place: self.house.imports.get(at, "2").state == "waiting")  # type: ignore[misc] # bound early
            self.house.imports.cancel(place, "2")
        self.life.until(lambda: not self.house.due.waiting)
        assert self.house.files == {}


def check_import(chaos: Chaos) -> None:
    """Let it be; whatever happens, all of it is there, once, as one revision."""
    chaos.begin()
    chaos.until("done")
    chaos.end()
    for place in chaos.places:
        assert shown(chaos.house, place) == chaos.ends[1]
        assert chaos.house.datasets.get(place).revision == 2
        assert len(chaos.house.database.entry(place).records) == len(chaos.ends[1])


def check_cancelled(chaos: Chaos) -> None:
    """Cancel it somewhere; whatever happens, all of it is there, or nothing, and no trace."""
    chaos.begin()
    for _ in range(chaos.chance.randrange(12)):
        chaos.life.act()
    for place in chaos.places:
        with suppress(Conflict):  # it was quicker
            chaos.insist(partial(chaos.house.imports.cancel, place, "1"))
    chaos.until("done", "cancelled")
    chaos.end()
    for place in chaos.places:
        is_done = chaos.state(place) == "done"
        assert shown(chaos.house, place) == chaos.ends[is_done]
        assert chaos.house.datasets.get(place).revision == 1 + is_done
        assert len(chaos.house.database.entry(place).records) == len(chaos.ends[is_done])


CHECKS = [check_import, check_cancelled]


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
@pytest.mark.parametrize("check", CHECKS)
def test_imports_at_the_mercy_of_chance(
    check: Callable[[Chaos], None], asked: dict[str, Any]
) -> None:
    for seed in range(8):
        chaos = Chaos(seed, asked, kills=RARE, holds=RARE)
        check(chaos)
        chaos.sweep()


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
def test_an_import_killed_at_any_one_point(asked: dict[str, Any]) -> None:
    calm = Chaos(0, asked, (A,))
    check_import(calm)
    assert calm.peril.points > 60
    for point in range(1, calm.peril.points + 1):
        check_import(Chaos(0, asked, (A,), kill_at=point))


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
def test_half_of_an_import_is_seen_by_nobody(asked: dict[str, Any]) -> None:
    """Every read, by every way, after each commit."""
    house = House()
    house.load(table(OLD))
    genuine, seen = house.rows.edit_batch, []

    def edit_batch(*given: Any, **more: Any) -> Any:
        version = genuine(*given, **more)
        seen.append(shown(house))
        return version

    vars(house.rows)["edit_batch"] = edit_batch
    assert house.brought(table(NEW), **asked).state == "done"
    assert len(seen) >= 2
    assert seen == [list(OLD.items())] * len(seen)
    assert shown(house) == WANTED[asked["mode"]]


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
def test_nobody_edits_what_an_import_is_changing(asked: dict[str, Any]) -> None:
    house = House()
    house.load(table(OLD))
    genuine, refused = house.rows.edit_batch, []

    def edit_batch(*given: Any, **more: Any) -> Any:
        version = genuine(*given, **more)
        for edit in (
            lambda: house.records.create(A, b'{"n": 1, "t": "x"}'),
            lambda: house.records.amend(A, "000000001", b'{"n": 1}', anyone),
            lambda: house.records.delete(A, "000000001", anyone),
            lambda: house.datasets.patch(A, DatasetPatch(name="x"), anyone),
        ):
            with pytest.raises(Conflict, match="being changed by import 1") as caught:
                edit()
            refused.append(caught.value)
        return version

    vars(house.rows)["edit_batch"] = edit_batch
    assert house.brought(table(NEW), **asked).state == "done"
    assert len(refused) >= 8
    assert shown(house) == WANTED[asked["mode"]]


def test_an_edit_between_check_and_writing_has_it_checked_again() -> None:
    house = House()
    house.load(table(OLD))
    edited: list[object] = []
    check = house.import_steps._checker.check

    def checked(*given: Any) -> Any:
        outcome = check(*given)
        if not edited:
            edited.append(house.records.amend(A, "000000004", b'{"t": "edited"}', anyone))
        return outcome

    vars(house.import_steps._checker)["check"] = checked
    found = house.brought(table(NEW), mode="upsert", key=["n"])
    assert (found.state, found.revision) == ("done", 3)
    assert house.records.get(A, "000000004").version == 3
    assert shown(house) == WANTED["upsert"]


def test_a_lost_plan_leaves_the_dataset_as_it_was() -> None:
    house = House()
    house.load(table(OLD))
    house.import_steps.seconds = 0.2  # a turn for some batches
    begun = house.bring(table(NEW), mode="replace")
    genuine = house.rows.edit_batch

    def edit_batch(*given: Any, **more: Any) -> Any:
        version = genuine(*given, **more)
        house.bucket.stored = {
            path: data for path, data in house.bucket.stored.items() if "plan" not in path
        }
        return version

    vars(house.rows)["edit_batch"] = edit_batch
    house.clock._tick = 0.05
    house.deliver()
    failed = house.imports.get(A, begun.id)
    assert (failed.state, failed.revision) == ("failed", None)
    assert shown(house) == list(OLD.items())
    del vars(house.rows)["edit_batch"]
    house.import_steps.seconds = 30.0
    house.imports.resume(A, begun.id)
    house.deliver()
    assert shown(house) == WANTED["replace"]


@pytest.mark.parametrize("asked", MODES, ids=lambda asked: asked["mode"])
def test_a_removal_ends_an_import_that_is_under_way(asked: dict[str, Any]) -> None:
    for seed in range(6):
        chaos = Chaos(seed, asked, (A,), kills=RARE, holds=RARE)
        chaos.begin()
        for _ in range(seed * 2):
            chaos.life.act()
        with suppress(NotFound):
            chaos.insist(partial(chaos.house.datasets.delete, A, anyone))
        chaos.peril.end()
        chaos.life.until(lambda house=chaos.house: not house.due.waiting)  # type: ignore[misc] # bound early
        assert A not in chaos.house.database._states[-1]
        left = {path for path in chaos.house.bucket.stored if "imports/" not in path[:8]}
        assert left == set()
