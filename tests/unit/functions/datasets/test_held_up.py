"""Who was held up, at whatever point, and goes on after others took the place, harms nothing.

Others carry it to its end meanwhile; or it fails, is resumed, and is half done anew; or the dataset
is removed, and another one of the name is there, with imports of the same numbers.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

import pytest

from functions.datasets.model.dataset import DatasetPatch
from functions.datasets.model.queries.query import Asked as Query
from functions.datasets.service.changing import batches, starter
from functions.datasets.service.changing.many import Which
from functions.datasets.service.changing.starter import Asked
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import DomainError, NotFound
from functions.kit.contract.pages import PageQuery
from functions.kit.contract.steps import LEASE, MOST_DEATHS
from tests.support.chaos import Killed, Peril, killing
from tests.support.datasets import A, House, anyone

ANN = Asked("ann", anyone)
OLD = [(n, "old") for n in range(5)]
NEW = [(n, "new") for n in range(3, 7)]
OTHER = [(n, "other") for n in range(70, 75)]
NEXT = [(n, "next") for n in range(80, 84)]
UPSERTED = [*OLD[:3], *NEW]
Rows = list[tuple[int, str]]
# Of an import: its four rows are written by then, and none that it removes is removed.
HALF = 2


@pytest.fixture(autouse=True)
def _small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.datasets.model.limits.BATCH", 2)
    monkeypatch.setattr(batches, "EDITS", 2)
    monkeypatch.setattr(starter, "EDITS", 0)
    monkeypatch.setattr("functions.datasets.service.imports.tables.WORTH_A_FILE", 1)


def table(rows: Rows) -> str:
    return "n,t\n" + "".join(f"{n},{text}\n" for n, text in rows)


def others(house: House, lives: int = 20) -> None:
    """Let so many other processes take what is due, one after the other; some may die."""
    for _ in range(lives):
        if not house.due.waiting:
            return
        house.clock.advance(LEASE.total_seconds())
        for step in house.due.waiting:
            with suppress(Killed):
                house.look(step)


def shown(house: House) -> Rows | None:
    """Return the rows by the ways there are to read them, which agree; None when it is gone."""
    try:
        dataset = house.datasets.get(A)
    except NotFound:
        return None
    page = house.lists.page(A, PageQuery(limit=100), Query(), count=True)
    listed = [(record.values["n"], record.values["t"]) for record in page.items]
    stored = [(values["n"], values["t"]) for values in house.values()]
    assert listed == stored
    assert dataset.rows == page.count == len(listed)
    return stored  # type: ignore[return-value] # these are their kinds


class Writer(NamedTuple):
    """Somebody who is held up.

    Attributes:
        act: what it does, after `begin`, until it dies or it is done.
        ends: what may be there when others came to its end, or it did itself.
        begin: what was there before.
    """

    act: Callable[[House], object]
    ends: list[Rows | None]
    begin: Callable[[House], object]


def _load(house: House) -> None:
    house.load(table(OLD))


def _importing(mode: str) -> Callable[[House], None]:
    def begin(house: House) -> None:
        _load(house)
        house.bring(table(NEW), mode=mode, key=["n"] if mode == "upsert" else [])

    return begin


def _cancelling(house: House) -> None:
    _importing("replace")(house)
    with killing(house.rows, "edit_batch", HALF + 2), suppress(Killed):
        house.deliver()
    house.imports.cancel(A, "1")
    house.clock.advance(LEASE.total_seconds())


def _halved(house: House) -> None:
    _load(house)
    _halve(house)


def _halve(house: House) -> None:
    house.many.remove(A, Which(["n<3"]), ANN)
    house.deliver()


def _undo(house: House) -> None:
    house.undoing.undo(A, 2, ANN)
    house.deliver()


def _restore(house: House) -> None:
    house.undoing.restore(A, 1, ANN)
    house.deliver()


def _delete(house: House) -> None:
    house.datasets.delete(A, anyone)
    house.deliver()


def _ask(house: House) -> None:
    house.bring(table(NEW))
    house.deliver()


def _edit(house: House) -> None:
    house.datasets.patch(A, DatasetPatch(name="b"), anyone)


WRITERS = {
    "first": Writer(House.deliver, [OLD], lambda house: house.upload(table(OLD))),
    "append": Writer(House.deliver, [[*OLD, *NEW]], _importing("append")),
    "replace": Writer(House.deliver, [NEW], _importing("replace")),
    "upsert": Writer(House.deliver, [UPSERTED], _importing("upsert")),
    "cancel": Writer(House.deliver, [OLD], _cancelling),
    "ask": Writer(_ask, [OLD, [*OLD, *NEW]], _load),
    "change": Writer(_halve, [OLD, OLD[3:]], _load),
    "undo": Writer(_undo, [OLD, OLD[3:]], _halved),
    "restore": Writer(_restore, [OLD, OLD[3:]], _halved),
    "edit": Writer(_edit, [OLD], _load),
    "snapshot": Writer(lambda house: house.snapshots.make(A), [OLD], _load),
    "delete": Writer(_delete, [OLD, None], _load),
}


class World:
    """One writer, who is held up at a point while others are at it."""

    def __init__(self, writer: Writer, meanwhile: Callable[[House], object], hold_at: int = 0):
        self.peril = peril = Peril(random.Random(0))
        self.house = House(peril)
        writer.begin(self.house)
        peril.__init__(random.Random(0), hold_at=hold_at)  # type: ignore[misc] # it begins here
        self.is_held = False
        peril.meanwhile = lambda: self._meanwhile(meanwhile)
        with suppress(DomainError):  # it is told that it was too late
            writer.act(self.house)
        peril.end()
        self.points = peril.own_points

    def _meanwhile(self, act: Callable[[House], object]) -> None:
        self.is_held = True
        self.house.clock.advance(LEASE.total_seconds())
        act(self.house)

    def end(self) -> Rows | None:
        """Let everything come to its end; return what there is."""
        others(self.house)
        assert self.house.due.waiting == []
        found = shown(self.house)
        with suppress(NotFound):
            records = self.house.database.entry(A).records
            assert found is not None
            assert len(records) == len(found)
        return found


def each(writer: Writer, meanwhile: Callable[[House], object]) -> Iterator[World]:
    """Yield worlds in which a writer is held up at each of its points."""
    calm = World(writer, lambda _: None)
    assert calm.end() in writer.ends
    for at in range(1, calm.points + 1):
        world = World(writer, meanwhile, at)
        assert world.is_held
        yield world


@pytest.mark.parametrize("name", WRITERS)
def test_who_was_held_up_while_others_came_to_the_end(name: str) -> None:
    for world in each(WRITERS[name], others):
        assert world.end() in WRITERS[name].ends


def fail_and_begin_anew(house: House) -> None:
    """Let process after process die over an import, until it fails; resume it, half of it."""
    with (
        killing(house.rows, "edit_batch"),
        killing(house.rows, "take_back"),
        killing(house.import_steps._tables, "part"),
    ):
        others(house, MOST_DEATHS + 2)
    others(house)
    if house.imports.get(A, "1").state != "failed":
        return
    house.imports.resume(A, "1")
    with killing(house.rows, "edit_batch", HALF + 1):
        others(house, 1)


@pytest.mark.parametrize("name", ["append", "replace", "upsert"])
def test_who_was_held_up_while_the_import_failed_and_was_half_done_anew(name: str) -> None:
    for world in each(WRITERS[name], fail_and_begin_anew):
        assert shown(world.house) in (OLD, *WRITERS[name].ends)
        assert world.end() in WRITERS[name].ends
        assert world.house.imports.get(A, "1").state == "done"


def make_anew(house: House) -> None:
    """Remove the dataset, and make another one of the name, of which half an import is done."""
    with suppress(NotFound):
        house.datasets.delete(A, anyone)
    others(house)
    house.upload(table(OTHER))
    others(house)
    house.bring(table(NEXT), mode="replace")
    with killing(house.rows, "edit_batch", HALF + 1):
        others(house, 1)


@pytest.mark.parametrize("name", WRITERS)
def test_who_was_held_up_while_another_dataset_took_the_name(name: str) -> None:
    ends = [NEXT, *([None] if name == "delete" else [])]
    # Who asks by the name, and did not look before, means the new one.
    ends += [[*NEXT, *NEW]] if name == "ask" else []
    for world in each(WRITERS[name], make_anew):
        found = world.end()
        assert found in ends
        if found is not None:
            imported = world.house.imports.get(A, "1")
            assert (imported.state, imported.failure, imported.revision) == ("done", None, 2)


def remake(house: House) -> None:
    """Remove the dataset, and make another one of the name, of the same revision."""
    with suppress(NotFound):
        house.datasets.delete(A, anyone)
    others(house)
    house.upload(table(OTHER))
    others(house)


def test_a_snapshot_of_a_dataset_is_never_another_one_s() -> None:
    for world in each(WRITERS["snapshot"], remake):
        made, _ = world.house.snapshots.make(A)
        assert made.rows == len(OTHER)
        assert b"other" in world.house.bucket.read(made.path)


def _bound(house: House) -> None:
    columns = [Column("n", "integer", maximum=10)]
    house.datasets.patch(A, DatasetPatch(columns=columns), anyone)


def _set(house: House) -> None:
    house.many.amend(A, Which(["n<90"]), b'{"t": "set"}', ANN)


SET: list[Rows | None] = [[(n, "set") for n, _ in rows] for rows in (OLD, OTHER)]


@pytest.mark.parametrize("act", [_bound, _set])
def test_what_was_seen_of_a_dataset_changes_no_other_one(
    act: Callable[[House], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 400)
    for world in each(Writer(act, [OLD, *SET], _load), remake):
        # Either as it was, or it was asked for what is there by now: its own rows fit its columns.
        assert world.end() in (OTHER, SET[1])
        [number, *_] = world.house.datasets.get(A).columns
        assert number.maximum is None


def test_an_import_that_is_asked_for_has_its_file() -> None:
    for world in each(WRITERS["ask"], remake):
        assert world.end() in (OTHER, [*OTHER, *NEW])
        asked = world.house.imports.page(A, PageQuery()).items
        assert [one.state for one in asked] == ["done"] * len(asked)


def remake_half(house: House) -> None:
    """As `remake`, but half of the rows are not there yet."""
    with suppress(NotFound):
        house.datasets.delete(A, anyone)
    others(house)
    house.upload(table(OTHER))
    with killing(house.rows, "import_batch", 2):
        others(house, 1)


def test_a_first_import_whose_file_is_gone_fails_no_other_one() -> None:
    for world in each(WRITERS["first"], remake_half):
        assert world.end() == OTHER
        assert world.house.datasets.get(A).failure is None


def _fail(house: House, rows: Rows) -> None:
    house.bucket.delete(house.upload(table(rows)).file)
    others(house)


def test_a_file_that_is_sent_again_takes_up_no_other_dataset() -> None:
    def fail_another(house: House) -> None:
        house.datasets.delete(A, anyone)
        others(house)
        _fail(house, OTHER)

    again = Writer(lambda house: house.upload(table(OLD)), [OLD], lambda house: _fail(house, OLD))
    for world in each(again, fail_another):
        house = world.house
        others(house)
        house.upload(table(OTHER))
        assert world.end() == OTHER
        dataset = house.store.find(A).dataset
        assert (dataset.state, dataset.failure) == ("ready", None)


def _about_to_be_given_up(house: House) -> None:
    _load(house)
    house.many.remove(A, Which(["n<3"]), ANN)
    with killing(house.changer, "_batches"):
        others(house, MOST_DEATHS)


def ask_again(house: House) -> None:
    """Let others give it up; ask again, and let that be half written."""
    others(house)
    if house.store.find(A).dataset.revision == 1:
        house.many.remove(A, Which(["n<4"]), ANN)
        with killing(house.rows, "edit_batch", 4):
            others(house, 1)


def test_who_gives_up_a_change_ends_no_later_one() -> None:
    judge = Writer(lambda house: others(house, 1), [OLD], _about_to_be_given_up)
    for world in each(judge, ask_again):
        assert world.end() == OLD[4:]
