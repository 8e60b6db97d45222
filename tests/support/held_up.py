"""Somebody who works on a dataset, is held up, and goes on after others have taken the place."""

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
from functions.kit.contract.errors import DomainError, NotFound
from functions.kit.contract.requests.pages import PageQuery
from functions.kit.contract.steps import LEASE, MOST_DEATHS
from tests.support.in_memory.chaos import Killed, Peril, killing
from tests.support.in_memory.datasets import A, House, anyone

ANN = Asked("ann", anyone)
OLD = [(n, "old") for n in range(5)]
NEW = [(n, "new") for n in range(3, 7)]
OTHER = [(n, "other") for n in range(70, 75)]
NEXT = [(n, "next") for n in range(80, 84)]
UPSERTED = [*OLD[:3], *NEW]
Rows = list[tuple[int, str]]
# Of an import: its four rows are written by then, and none that it removes is removed.
HALF = 2


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commits be small, so that all takes several of them."""
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

    def __init__(
        self,
        writer: Writer,
        meanwhile: Callable[[House], object],
        hold_at: int = 0,
        made: Callable[[Peril], House] = House,
    ) -> None:
        self.peril = peril = Peril(random.Random(0))
        self.house = made(peril)
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
        assert len(list(self.house.rows.read(A))) == len(found or [])
        return found


def each(
    writer: Writer,
    meanwhile: Callable[[House], object],
    made: Callable[[Peril], House] = House,
    every: int = 1,
) -> Iterator[World]:
    """Yield worlds in which a writer is held up at each of its points, or every so-manieth."""
    calm = World(writer, lambda _: None, made=made)
    assert calm.end() in writer.ends
    remove(calm.house)
    for at in range(1, calm.points + 1, every):
        world = World(writer, meanwhile, at, made)
        assert world.is_held
        yield world


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


def make_anew(house: House) -> None:
    """Remove the dataset, and make another one of the name, of which half an import is done."""
    remake(house)
    house.bring(table(NEXT), mode="replace")
    with killing(house.rows, "edit_batch", HALF + 1):
        others(house, 1)


def remove(house: House) -> None:
    """Remove the dataset, if it is there, to the end."""
    with suppress(NotFound):
        house.datasets.delete(A, anyone)
    others(house)


def remake(house: House) -> None:
    """Remove the dataset, and make another one of the name, of the same revision."""
    remove(house)
    house.upload(table(OTHER))
    others(house)
