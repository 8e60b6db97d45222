"""Who reads how far work has come has its step looked at, whatever it is read by."""

from collections.abc import Callable

import pytest

from functions.datasets.service.changing import starter
from functions.datasets.service.changing.starter import Asked
from functions.kit.contract.steps import GRACE
from tests.support.in_memory.datasets import A, House, anyone

TABLE = "n\n" + "".join(f"{row}\n" for row in range(12))


def imported(house: House) -> Callable[[], str]:
    house.upload(TABLE)
    return lambda: house.datasets.get(A).state


def first_import(house: House) -> Callable[[], str]:
    house.upload(TABLE)
    return lambda: house.imports.get(A, "0").state


def later_import(house: House) -> Callable[[], str]:
    house.load(TABLE)
    found = house.bring("n\n99\n")
    return lambda: house.imports.get(A, found.id).state


def changed(house: House) -> Callable[[], str]:
    house.load(TABLE)
    house.bring("n\n99\n")
    house.deliver()
    change = house.undoing.restore(A, 1, Asked("ann", anyone))
    return lambda: house.undoing.view(A, change.revision).state


@pytest.mark.parametrize("begin", [imported, first_import, later_import, changed])
def test_work_whose_message_was_lost_goes_on_once_it_is_read(
    begin: Callable[[House], Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starter, "EDITS", 0)
    house = House()
    state = begin(house)
    before = state()
    assert house.queue.messages
    house.queue.messages.clear()

    house.clock.advance(GRACE.total_seconds() + 1)
    assert state() == before
    house.deliver()

    assert state() != before
