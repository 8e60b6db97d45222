"""What functions put aside is taken in: once, whatever fails meanwhile; over doubles in memory."""

import datetime as dt

from functions.accounts.adapters.memory.key_uses import MemoryKeyUses
from functions.accounts.adapters.memory.lines import MemoryLines
from functions.accounts.model.activity_files import FOLDER
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.telemetry.activity import UNTOLD, Batch
from functions.kit.service.latecomers import EVERY, Latecomers
from tests.support.callers.activity import FUNCTION, batch, line

SOON = dt.timedelta(seconds=EVERY / 2)
LATER = dt.timedelta(seconds=EVERY)


class House:
    """A replica of `accounts`, and a function that puts batches aside."""

    def __init__(self) -> None:
        self.files, self.bucket, self.clock = MemoryLines(), MemoryBucket(), ManualClock()
        self.aside = Untold(UNTOLD, Batch, self.bucket)
        upkeep = Upkeep(self.files, self.clock, dt.timedelta(days=100 * 365))
        self.ingestion = Ingestion(self.files, MemoryKeyUses(), upkeep)
        self.latecomers = self.replica()

    def replica(self) -> Latecomers[Batch]:
        return Latecomers("activity", self.aside, self.ingestion.take, self.clock)

    def kept(self) -> list[tuple[str, str]]:
        """Return whose lines are kept, and their paths."""
        lines = [line for some in self.files.stored.values() for line in some]
        return sorted((line.function, line.path) for line in lines)


def test_batches_of_several_workspaces_are_taken_in_and_then_gone() -> None:
    house = House()
    house.aside.keep(FUNCTION, [batch([line(1, workspace="w", path="/1"), line(2, path="/2")])])
    house.aside.keep(FUNCTION, [batch([line(3, path="/3")]), batch([line(4, path="/4")])])
    house.latecomers.look()
    assert house.kept() == [(FUNCTION, f"/{number}") for number in range(1, 5)]
    assert house.bucket.stored == {}


def test_one_that_was_told_all_the_same_counts_once() -> None:
    house, told = House(), batch([line(1, path="/1")])
    house.ingestion.take(told, FUNCTION)
    house.aside.keep(FUNCTION, [told])
    house.latecomers.look()
    assert house.kept() == [(FUNCTION, "/1")]


def test_two_replicas_at_once_keep_it_once() -> None:
    house, told = House(), batch([line(1, path="/1")])
    house.aside.keep(FUNCTION, [told])
    house.aside.keep(FUNCTION, [told])  # as the other one reads it, before the first removes it
    house.latecomers.look()
    house.replica().look()
    assert house.kept() == [(FUNCTION, "/1")]


def test_what_cannot_be_kept_now_stays_and_the_sender_hears_nothing_of_it() -> None:
    house = House()
    house.aside.keep(FUNCTION, [batch([line(1, path="/1")])])
    house.files.is_full = True
    house.latecomers.look()
    assert len(house.bucket.stored) == 1
    house.files.is_full = False
    house.clock.advance(LATER.total_seconds())
    house.latecomers.look()
    assert (house.kept(), house.bucket.stored) == ([(FUNCTION, "/1")], {})


def test_it_looks_seldom() -> None:
    house = House()
    house.latecomers.look()
    house.aside.keep(FUNCTION, [batch([line(1, path="/1")])])
    house.clock.advance(SOON.total_seconds())
    house.latecomers.look()
    assert house.kept() == []


def test_what_cannot_be_read_stays_and_keeps_nobody_else_out() -> None:
    house, bad = House(), f"{UNTOLD}datasets/0.json"
    house.bucket.write(bad, b"[{}]", "application/json")
    house.aside.keep(FUNCTION, [batch([line(1, path="/1")])])
    house.latecomers.look()
    assert (house.kept(), list(house.bucket.stored)) == ([(FUNCTION, "/1")], [bad])


def test_searches_and_upkeep_do_not_see_what_waits() -> None:
    assert not UNTOLD.startswith(FOLDER)
