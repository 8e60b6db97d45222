"""Scheduled imports, found by whoever looks for overdue steps."""

import datetime as dt

import msgspec
import pytest

from functions.datasets.model.imports.schedules import ScheduleBody
from functions.datasets.service.imports.imports import Imports
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.errors import Invalid, NotFound
from functions.kit.contract.steps import LEASE
from tests.support.in_memory.datasets import A, House, anyone

HOUR = 3600.0
BODY = msgspec.convert(
    {
        "every_minutes": 60,
        "asked": {"mode": "append", "source": {"url": "http://127.0.0.1:1/private"}},
    },
    ScheduleBody,
)


@pytest.fixture
def house() -> House:
    made = House()
    made.load("n\n1\n")
    made.schedules.put(A, BODY, OWNER)
    return made


def look(house: House) -> None:
    """Look as a PingSource has it done, and deliver what is queued."""
    house.clock.advance(5.0)
    house.lookout.look()
    house.deliver()


def runs(house: House) -> int:
    return house.store.find(A).dataset.imports


def test_each_time_is_one_import(house: House) -> None:
    began = house.clock.now()
    for _ in range(3):
        look(house)
    assert (runs(house), house.schedules.get(A).last) == (1, "1")
    assert house.schedules.get(A).next_at == began + dt.timedelta(hours=1)
    assert house.imports.get(A, "1").state == "failed"  # there is nobody at that address
    house.clock.advance(HOUR)
    look(house)
    assert runs(house) == 2
    house.clock.advance(10 * HOUR)  # the machine was off: what was missed is not made up for
    for _ in range(3):
        look(house)
    assert runs(house) == 3
    assert house.schedules.get(A).next_at > house.clock.now()


def test_a_run_that_died_is_made_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = Imports.fetch

    def killed(*given: object) -> None:
        genuine(*given)  # type: ignore[arg-type] # as it was called
        raise KeyboardInterrupt

    monkeypatch.setattr(Imports, "fetch", killed)
    with pytest.raises(KeyboardInterrupt):
        look(house)
    monkeypatch.setattr(Imports, "fetch", genuine)
    assert (runs(house), house.schedules.get(A).last) == (1, "")
    house.clock.advance(LEASE.total_seconds())
    for _ in range(2):
        look(house)
    assert (runs(house), house.schedules.get(A).last) == (1, "1")


def test_a_run_is_left_out_while_another_import_is_at_work(house: House) -> None:
    house.bring("n\n2\n", dry_run=False)
    house.queue.messages.clear()
    house.schedules.step(A)
    found = house.schedules.get(A)
    assert (runs(house), "is at work" in str(found.failure)) == (1, True)
    assert found.next_at > house.clock.now()


def test_a_schedule_goes_with_its_dataset(house: House) -> None:
    assert len(house.due.waiting) == 1
    house.schedules.remove(A)
    assert house.due.waiting == []
    with pytest.raises(NotFound):
        house.schedules.remove(A)
    house.schedules.put(A, BODY, OWNER)
    house.datasets.delete(A, anyone)
    house.deliver()
    assert house.due.waiting == []


def test_a_schedule_whose_imports_would_wait_for_somebody_is_refused(house: House) -> None:
    waits = msgspec.structs.replace(BODY, asked=msgspec.structs.replace(BODY.asked, dry_run=True))
    with pytest.raises(Invalid, match=r"field 'asked.dry_run': nobody is there"):
        house.schedules.put(A, waits, OWNER)
    assert house.schedules.get(A).asked == BODY.asked
