from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from functions.kit.service.revalidating_cache import (
    CONFIRMED_WITHIN,
    MAX_AGE,
    REVALIDATE_AFTER,
    RevalidatingCache,
)


class Away(Exception):  # noqa: N818 - as in the code under test
    pass


class Later(Executor):
    """Runs what it is given when told to."""

    def __init__(self):
        self.tasks: list[tuple[Any, tuple[Any, ...]]] = []

    def submit(self, task: Any, /, *arguments: Any, **options: Any) -> Any:
        self.tasks.append((task, arguments))
        return Future()

    def run(self):
        tasks, self.tasks = self.tasks, []
        for task, arguments in tasks:
            task(*arguments)


class Source:
    """A key's value, which may be away."""

    def __init__(self):
        self.value = "a"
        self.error: Exception | None = None
        self.asked = 0

    def __call__(self, key):
        self.asked += 1
        if self.error:
            raise self.error
        return f"{key}{self.value}"


class World:
    """A cache, its source, and the time."""

    def __init__(self):
        self.now = 100.0
        self.source = Source()
        self.later = Later()
        self.cache: RevalidatingCache[str, str] = RevalidatingCache(
            self.source, away=(Away,), background=self.later, size=2, clock=lambda: self.now
        )


@pytest.fixture
def world():
    return World()


def test_a_value_is_remembered(world):
    assert [world.cache.get("k") for _ in range(3)] == ["ka"] * 3
    assert world.source.asked == 1


def test_after_a_while_it_is_read_again_while_the_old_one_is_given(world):
    world.cache.get("k")
    world.source.value = "b"
    world.now += REVALIDATE_AFTER + 0.01
    assert [world.cache.get("k") for _ in range(3)] == ["ka"] * 3
    assert len(world.later.tasks) == 1
    world.later.run()
    assert world.cache.get("k") == "kb"


def test_nobody_is_given_a_value_that_is_too_old(world):
    world.cache.get("k")
    world.source.value = "b"
    world.now += MAX_AGE + 0.01
    assert world.cache.get("k") == "kb"
    assert not world.later.tasks


def test_while_the_source_is_away_what_is_known_stays(world):
    world.cache.get("k")
    world.source.error = Away()
    world.now += 1000
    assert world.cache.get("k") == "ka"
    world.now += REVALIDATE_AFTER + 0.01
    assert world.cache.get("k") == "ka"
    world.later.run()
    assert world.source.asked == 3
    with pytest.raises(Away):
        world.cache.get("other")


def test_what_is_gone_is_forgotten_and_the_next_caller_is_told(world):
    world.cache.get("k")
    world.source.error = LookupError("gone")
    world.now += REVALIDATE_AFTER + 0.01
    assert world.cache.get("k") == "ka"
    world.later.run()
    with pytest.raises(LookupError):
        world.cache.get("k")


def test_a_refresh_that_failed_is_tried_again(world):
    world.cache.get("k")
    world.source.error = Away()
    world.now += REVALIDATE_AFTER + 0.01
    world.cache.get("k")
    world.later.run()
    world.source.error, world.source.value = None, "b"
    world.now += REVALIDATE_AFTER + 0.01
    world.cache.get("k")
    world.later.run()
    assert world.cache.get("k") == "kb"


def test_a_refresh_that_took_long_brings_no_older_answer_back(world):
    def load(key):
        found = world.source(key)
        if world.source.value == "b":
            world.source.value = "c"
            world.now += MAX_AGE
            assert world.cache.get(key) == "kc"
        return found

    world.cache.get("k")
    world.source.value = "b"
    world.cache._load = load
    world.now += REVALIDATE_AFTER + 0.01
    assert world.cache.get("k") == "ka"
    world.later.run()
    assert world.cache.get("k") == "kc"


def test_when_it_is_full_the_value_read_longest_ago_makes_room(world):
    world.cache.get("a")
    world.cache.get("b")
    world.now += REVALIDATE_AFTER + 0.01
    world.cache.get("a")
    world.later.run()
    world.cache.get("c")
    assert world.source.asked == 4
    assert [world.cache.get(key) for key in "ca"] == ["ca", "aa"]
    assert world.source.asked == 4
    assert world.cache.get("b") == "ba"
    assert world.source.asked == 5


def test_callers_at_once_of_a_full_cache_get_their_own_values(world):
    keys = [str(number % 9) for number in range(4000)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(world.cache.get, keys)) == [f"{key}a" for key in keys]


SOON = (REVALIDATE_AFTER + MAX_AGE) / 2


class Asked:
    """Tells of many keys at once which are what they were."""

    def __init__(self):
        self.changed: set[str] = set()
        self.is_away = False
        self.times = 0

    def __call__(self, key, known):
        self.times += 1
        if self.is_away:
            raise Away
        return set(known) - self.changed


@pytest.fixture
def asked(world):
    asked = Asked()
    world.cache = RevalidatingCache(
        world.source,
        away=(Away,),
        background=world.later,
        clock=lambda: world.now,
        unchanged=asked,
    )
    for key in "xyz":
        world.cache.get(key)
    world.source.value = "b"
    return asked


def test_of_many_it_is_asked_at_once_which_have_changed(world, asked):
    asked.changed = {"z"}
    for _ in range(5):
        world.now += SOON
        assert [world.cache.get(key) for key in "xy"] == ["xa", "ya"]
        world.later.run()
    assert (asked.times, world.source.asked) == (5, 3)
    assert world.cache.get("z") == "zb"  # too old by now: nobody said that it is as it was


def test_one_that_has_changed_is_read_again_behind_its_callers(world, asked):
    asked.changed = {"x"}
    world.now += SOON
    assert world.cache.get("x") == "xa"
    world.later.run()
    assert [world.cache.get(key) for key in "xyz"] == ["xb", "ya", "za"]
    assert world.source.asked == 4


def test_where_it_cannot_be_asked_each_is_read_by_itself(world, asked):
    asked.is_away = True
    world.now += SOON
    world.cache.get("x")
    world.later.run()
    assert (world.cache.get("x"), world.source.asked) == ("xb", 4)


def test_what_was_known_long_ago_is_not_asked_about(world, asked):
    world.now += CONFIRMED_WITHIN
    world.cache.get("x")  # which is read, and so known now
    world.now += SOON
    world.cache.get("x")
    world.later.run()
    assert (world.cache.get("y"), world.source.asked) == ("yb", 5)
