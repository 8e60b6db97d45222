"""Files of activity: merged, removed and searched, with no moment in which a line is missing."""

import datetime as dt
import random
from collections.abc import Callable, Sequence

import pytest

from functions.accounts.adapters.memory.key_uses import MemoryKeyUses
from functions.accounts.adapters.memory.lines import MemoryLines
from functions.accounts.model import activity_files
from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import FOLDER, LineFile, hour_prefix, read_path
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.search import Search
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.errors import Away
from functions.kit.contract.telemetry.activity import Batch
from functions.kit.contract.telemetry.hourly import FULL, mergeable
from functions.kit.service import line_search as searching
from functions.kit.service.upkeep import CROWD
from tests.support.callers.activity import FUNCTION, batch, kept, line

KEEP = dt.timedelta(days=30)
NOW = START.timestamp()
HOUR = 3600
W = Filters(workspace="w")


class WatchedLines(MemoryLines):
    """Lets a test look between any two things that happen to files."""

    def __init__(self) -> None:
        super().__init__()
        self.look: Callable[[], None] = lambda: None
        self.before_read: Callable[[], None] = lambda: None

    def write(self, file: LineFile, lines: Sequence[Kept]) -> None:
        super().write(file, lines)
        self.look()

    def delete(self, file: LineFile) -> None:
        super().delete(file)
        self.look()

    def read(self, file: LineFile, filters: Filters, before: Key | None, most: int) -> list[Kept]:
        self.before_read()
        return super().read(file, filters, before, most)


class House:
    """The services over doubles."""

    def __init__(self, tick: float = 0.0) -> None:
        self.files, self.clock = WatchedLines(), ManualClock(tick=tick)
        self.upkeep = Upkeep(self.files, self.clock, KEEP)
        self.ingestion = Ingestion(self.files, MemoryKeyUses(), self.upkeep)
        self.search = Search(self.files, self.clock)

    def all(self, filters: Filters = W, limit: int = 3) -> list[Kept]:
        """Return all lines, by as many pages as it takes."""
        found: list[Kept] = []
        before: Key | None = None
        for _ in range(1000):
            page = self.search.page(filters, before, limit)
            assert len(page.lines) <= limit
            found += page.lines
            before = page.before
            if before is None:
                return found
        raise AssertionError("no end")


def some(count: int, second: float, rng: random.Random) -> Batch:
    return batch([line(second + rng.random(), workspace="w", path=f"/{n}") for n in range(count)])


def in_order(batches: Sequence[Batch]) -> list[Kept]:
    return sorted(
        (one for each in batches for one in kept(each)), key=lambda one: one.order, reverse=True
    )


def test_no_moment_of_a_merge_lacks_a_line_or_has_it_twice() -> None:
    house, rng = House(), random.Random(1)
    told = [some(5, NOW - 3 * HOUR, rng) for _ in range(7)]
    for one in told:
        house.ingestion.take(one, FUNCTION)
    looks: list[int] = []

    def look() -> None:
        assert house.all() == in_order(told)
        looks.append(len(house.files.stored))

    house.files.look = look
    house.clock.advance(HOUR + 1)
    house.upkeep.look()
    assert looks == [8, 7, 6, 5, 4, 3, 2, 1]


def test_a_search_that_a_merge_overtakes_begins_again() -> None:
    house, rng = House(), random.Random(2)
    told = [some(4, NOW - 3 * HOUR, rng) for _ in range(5)]
    for one in told:
        house.ingestion.take(one, FUNCTION)
    reads = 0

    def overtake() -> None:
        nonlocal reads
        reads += 1
        if reads == 2:
            house.upkeep.merge_below(hour_prefix("w", int(NOW - 3 * HOUR) // HOUR))

    house.files.before_read = overtake
    assert house.all(limit=100) == in_order(told)
    assert len(house.files.stored) == 1


def test_files_that_never_stand_still_are_told_of() -> None:
    house = House()
    house.ingestion.take(batch([line(NOW, workspace="w")]), FUNCTION)
    (there,) = house.files.stored

    def vanish() -> None:
        raise FileNotFoundError(there.path)

    house.files.before_read = vanish
    with pytest.raises(Away):
        house.search.page(W, None, 1)


def test_a_batch_that_comes_again_after_the_merge_counts_once() -> None:
    house, rng = House(), random.Random(3)
    told = [some(3, NOW - 3 * HOUR, rng) for _ in range(3)]
    for one in (*told, *told):
        house.ingestion.take(one, FUNCTION)
    house.clock.advance(HOUR + 1)
    house.ingestion.take(told[0], FUNCTION)
    house.ingestion.take(told[0], FUNCTION)
    assert house.all() == in_order(told)
    house.clock.advance(HOUR + 1)
    house.upkeep.look()
    assert house.all() == in_order(told)
    assert len(house.files.stored) == 1


def test_two_who_merge_at_the_same_time_do_no_harm() -> None:
    house, rng = House(), random.Random(4)
    told = [some(3, NOW - 3 * HOUR, rng) for _ in range(4)]
    for one in told[:3]:
        house.ingestion.take(one, FUNCTION)
    first, late = list(house.files.stored), told[3]
    house.ingestion.take(late, FUNCTION)
    house.files.merge(first)
    house.files.merge(list(house.files.stored)[:4])
    assert house.all() == in_order(told)
    house.clock.advance(HOUR + 1)
    house.upkeep.look()
    assert house.all() == in_order(told)
    assert len(house.files.stored) == 1


def test_the_hour_that_runs_is_left_alone_but_for_a_crowd_of_files() -> None:
    house, rng = House(), random.Random(5)
    told = [some(2, NOW, rng) for _ in range(CROWD + 3)]
    for one in told:
        house.ingestion.take(one, FUNCTION)
    assert len(house.files.stored) == 1 + 3
    assert house.all(limit=100) == in_order(told)


def test_what_is_older_than_is_kept_goes_with_its_hour() -> None:
    house = House()
    days = KEEP.days * 24 * HOUR
    old, young = (batch([line(NOW - days + more, workspace="w")]) for more in (-2 * HOUR, HOUR))
    house.ingestion.take(young, FUNCTION)
    house.ingestion.take(old, FUNCTION)
    assert len(house.all()) == 2
    house.clock.advance(HOUR + 1)
    house.upkeep.look()
    assert house.all() == in_order([young])


def test_upkeep_that_takes_long_leaves_the_rest_to_the_next() -> None:
    house = House(tick=1.0)
    for hours in range(2, 14):
        for _ in range(2):
            house.files.look = lambda: None
            one = batch([line(NOW - hours * HOUR, workspace="w")])
            part = kept(one)
            house.files.write(activity_files.file_of(part, one.id), part)
    house.upkeep.look()
    assert 12 < len(house.files.stored) < 24


def test_upkeep_that_fails_fails_nobody() -> None:
    house = House()

    def fail() -> None:
        raise Away("the bucket is away")

    house.ingestion.take(batch([line(NOW - 3 * HOUR, workspace="w")]), FUNCTION)
    house.ingestion.take(batch([line(NOW - 3 * HOUR, workspace="w")]), FUNCTION)
    house.clock.advance(2 * HOUR)
    house.files.look = fail
    house.upkeep.look()
    house.upkeep.merge_below(hour_prefix("w", int(NOW - 3 * HOUR) // HOUR))


def test_a_page_ends_in_time_and_the_next_goes_on() -> None:
    """The clock shows two seconds more at each look: every page reads as little as it may."""
    house, rng = House(tick=searching.SECONDS), random.Random(6)
    told = [some(3, NOW - second, rng) for second in range(20)]
    for one in told:
        house.ingestion.take(one, FUNCTION)
    rare = Filters(workspace="w", call="nobody's")
    assert house.all(rare) == []
    assert house.all() == in_order(told)
    assert house.search.page(rare, None, 3).before is not None


def test_random_lines_come_in_order_and_once_whatever_happens_to_files() -> None:
    rng = random.Random(7)
    for _ in range(20):
        house = House(tick=rng.choice([0.0, 0.3, 3.0]))
        told = [some(rng.randint(1, 6), NOW - rng.randint(0, 4) * HOUR, rng) for _ in range(12)]
        for one in told:
            house.ingestion.take(one, FUNCTION)
            if rng.random() < 0.3:
                house.upkeep.merge_below(hour_prefix("w", int(NOW) // HOUR - rng.randint(0, 4)))
        assert house.all(limit=rng.randint(1, 9)) == in_order(told)


def test_names_say_what_is_in_a_file() -> None:
    part = kept(batch([line(NOW, workspace="w"), line(NOW + 1, workspace="w")]))
    file = activity_files.file_of(part, "ab")
    assert (
        file.path == f"activity/w/2026-01-31/12-{int(NOW)}000000-{int(NOW) + 1}000000-2-ab.parquet"
    )
    assert read_path(file.path) == file
    assert activity_files.file_of(kept(batch([line(NOW)])), "a").path.startswith("activity/_/")


@pytest.mark.parametrize(
    "path", [f"{FOLDER}upkeep", f"{FOLDER}w/d/x.parquet", f"{FOLDER}w/d/1-2-3.parquet"]
)
def test_other_files_are_none_of_ours(path: str) -> None:
    assert read_path(path) is None


def test_merged_files_stay_below_what_is_held_in_memory() -> None:
    def sized(lines: int, first: int) -> LineFile:
        return LineFile("w", 1, first, first, lines, str(first))

    full, half = FULL, FULL // 2
    files = [sized(full, 1), sized(half, 2), sized(half, 3), sized(half, 4), sized(1, 5)]
    groups = [[one.first for one in group] for group in mergeable(files)]
    assert groups == [[2, 3], [4, 5]]
