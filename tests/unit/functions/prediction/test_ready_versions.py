import threading
from dataclasses import dataclass

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.prediction.service.ready_versions import BROKEN_FOR, ReadyVersions


@dataclass
class Thing:
    key: str
    size: int = 10


class Loads:
    """Makes things, and notes which."""

    def __init__(self, size=10):
        self.size = size
        self.keys = []

    def __call__(self, key):
        self.keys.append(key)
        return Thing(key, self.size)


def test_what_was_not_used_for_longest_leaves_first():
    load = Loads()
    ready = ReadyVersions(load, limit=35)
    first = ready.get("a")
    for key in ["b", "c", "a", "d"]:
        ready.get(key)
    assert load.keys == ["a", "b", "c", "d"]
    assert ready.get("a") is first
    ready.get("c")
    ready.get("d")
    assert load.keys == ["a", "b", "c", "d"]
    ready.get("b")
    assert load.keys == ["a", "b", "c", "d", "b"]


@pytest.mark.parametrize("limit", [25, 0])
def test_the_one_in_use_stays_even_if_it_is_too_large(limit):
    load = Loads(1000)
    ready = ReadyVersions(load, limit)
    assert ready.get("a") is ready.get("a")
    assert ready.get("b") is ready.get("b")
    assert load.keys == ["a", "b"]
    ready.get("a")
    assert load.keys == ["a", "b", "a"]


def test_a_failure_is_not_remembered():
    answers = [ValueError("no"), Thing("a")]

    def load(key):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    ready: ReadyVersions[str, Thing] = ReadyVersions(load, limit=25)
    with pytest.raises(ValueError, match="no"):
        ready.get("a")
    assert ready.get("a").key == "a"


def test_what_is_broken_is_not_loaded_again_at_once_and_harms_no_other():
    loaded, clock = [], ManualClock()

    def load(key):
        loaded.append(key)
        if key == "broken" and len(loaded) < 4:
            raise LookupError("its file is gone")
        return Thing(key)

    ready = ReadyVersions(load, 100, (LookupError,), clock.monotonic)
    for _ in range(3):
        with pytest.raises(LookupError, match="gone"):
            ready.get("broken")
        assert ready.get("whole").key == "whole"
    assert loaded == ["broken", "whole"]
    clock.advance(BROKEN_FOR)
    with pytest.raises(LookupError, match="gone"):
        ready.get("broken")
    clock.advance(BROKEN_FOR)
    assert ready.get("broken").key == "broken"
    assert loaded == ["broken", "whole", "broken", "broken"]


def test_many_who_wait_load_once_and_others_do_not_wait():
    loading, go = threading.Event(), threading.Event()
    loaded = []

    def load(key):
        loaded.append(key)
        if key == "slow":
            loading.set()
            assert go.wait(60)
        return Thing(key)

    ready = ReadyVersions(load, limit=100)
    ready.get("quick")
    threads = [threading.Thread(target=ready.get, args=("slow",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert loading.wait(60)
    assert ready.get("quick").key == "quick"
    go.set()
    for thread in threads:
        thread.join()
    assert loaded == ["quick", "slow"]
