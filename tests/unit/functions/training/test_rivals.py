"""A version that serves is asked for rows that are new to it, and these say which one is better."""

import datetime as dt
import random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Conflict
from functions.kit.contract.measures import held_out
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.registration import Version
from functions.kit.contract.records.columns import Column
from functions.models.model.comparisons import Compared, check_better, compare
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.table import Table
from functions.training.model.due import finish_step
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import assembling
from tests.support.in_memory.training import deliver, table
from tests.support.in_memory.training_house import COLUMNS, House
from tests.support.patches import counted

OLD, NEW = 300, 700
DATASET = Place(MAIN, "small")
ASKED: dict[str, Any] = {
    "candidates": [Choice("logistic_regression")],
    "ensemble": False,
    "positive": "yes",
}


def rows(count: int, seed: int, *, turned: bool = False, more: tuple[Column, ...] = ()) -> Table:
    """Return rows that say "yes" above a half, nine times in ten; turned, below it."""
    draw = random.Random(seed)
    x = [draw.random() for _ in range(count)]
    yes = [((one > 0.5) != turned) == (draw.random() < 0.9) for one in x]
    colour = [draw.choice(["red", "blue"]) for _ in range(count)]
    y = ["yes" if one else "no" for one in yes]
    extra = {one.name: [draw.random() for _ in range(count)] for one in more}
    return table([*COLUMNS, *more], x=x, colour=colour, y=y, **extra)


def both(first: Table, second: Table) -> Table:
    return Table(
        second.columns,
        {
            one.name: [*first.values.get(one.name, [None] * first.rows), *second.values[one.name]]
            for one in second.columns
        },
    )


def trained(house: House, data: Table, **more: Any) -> Job:
    house.world.give(DATASET, data)
    job = house.post(**ASKED | more)
    house.run()
    found = house.service.job(job.place)
    assert found.state == "succeeded", found.failure
    return found


def version(house: House, job: Job) -> Version:
    _, registration, number = house.world.registered[job.id]
    fields = msgspec.structs.asdict(registration)
    made = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Version(**fields, model="small", version=number, created_at=made)


def kept(house: House, job: Job) -> HeldOut:
    file = version(house, job).held_out
    assert file is not None
    return held_out.from_bytes(house.files.read(file.path))


def compared(house: House, first: Job, second: Job, measure: str = "accuracy") -> Compared:
    return compare(house.files.read, version(house, first), version(house, second), measure)


def test_a_version_that_learnt_what_is_true_now_is_better() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    second = trained(house, both(old, rows(NEW, 2, turned=True)))
    found = compared(house, first, second)
    assert (found.on, found.better) == ("new", 2)
    assert found.rows == pytest.approx(NEW * 0.2, rel=0.3)
    assert found.first < 0.3 < 0.7 < found.second
    check_better(found, 0.2)
    assert f"the {found.rows} rows that version 2 held out and that are new to" in found.text


def test_more_rows_of_the_same_promote_nothing() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    second = trained(house, both(old, rows(NEW, 2)))
    found = compared(house, first, second)
    assert (found.on, found.better) == ("new", None)
    with pytest.raises(Conflict, match="not promoted: No difference to be seen"):
        check_better(found, 0.0)


def test_a_version_that_is_worse_on_new_rows_is_not_promoted() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    second = trained(house, both(old, rows(NEW, 2)), columns=["colour"])
    found = compared(house, first, second)
    assert (found.on, found.better) == ("new", 1)
    with pytest.raises(Conflict, match="not promoted: Version 1 is better"):
        check_better(found, 0.0)


def test_without_new_rows_those_that_both_held_out_decide() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    second = trained(house, old, seed=0, columns=["colour"])
    assert kept(house, second).rivals == []
    found = compared(house, first, second)
    assert (found.on, found.better) == ("shared", 1)


def test_a_version_that_cannot_be_asked_fails_nothing() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    for path in [version(house, first).snapshot, getattr(version(house, first).file, "path", "")]:
        data = house.files.stored.pop(path)
        job = trained(house, both(old, rows(NEW, 2)))
        assert kept(house, job).rivals == []
        house.files.stored[path] = data
    gone = Table(
        [one for one in COLUMNS if one.name != "colour"],
        {name: values for name, values in rows(NEW, 3).values.items() if name != "colour"},
    )
    assert kept(house, trained(house, gone)).rivals == []


def test_another_workspace_s_snapshot_is_not_read() -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    place, registration, number = house.world.registered[first.id]
    elsewhere = f"workspaces/other/{registration.snapshot}"
    house.files.stored[elsewhere] = house.files.stored[registration.snapshot]
    told = replace(registration, snapshot=elsewhere)
    house.world.registered[first.id] = (place, told, number)
    assert kept(house, trained(house, both(old, rows(NEW, 2)))).rivals == []


def test_a_column_that_is_new_keeps_known_rows_known() -> None:
    house, old = House(), rows(OLD, 1)
    trained(house, old)
    wider = both(old, rows(NEW, 2, more=(Column("width", "number"),)))
    [said] = kept(house, trained(house, wider)).rivals
    assert len(said.places) == pytest.approx(NEW * 0.2, rel=0.3)


def test_nothing_is_made_while_the_registry_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house, old = House(), rows(OLD, 1)
    first = trained(house, old)
    makes = counted(monkeypatch, assembling, "assemble")
    house.world.give(DATASET, both(old, rows(NEW, 2, turned=True)))
    job = house.post(**ASKED)
    while not house.service.job(job.place).members or house.queue.messages[0] != finish_step(
        job.place
    ):
        deliver(house.steps, house.next())
    house.world.down = True
    with pytest.raises(Away):
        deliver(house.steps, house.queue.messages[0])
    assert makes == []
    house.world.down = False
    house.run()
    assert (len(makes), house.service.job(job.place).version) == (1, 2)
    assert compared(house, first, job).on == "new"
