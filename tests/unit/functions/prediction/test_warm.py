import threading
from dataclasses import dataclass

import pytest

from functions.prediction.service.ready_versions import Warm


@dataclass
class Thing:
    key: str
    size: int = 10


def test_what_was_not_used_for_longest_leaves_first():
    warm = Warm(Thing, limit=25)
    first = warm.get("a")
    warm.get("b")
    assert warm.get("a") is first
    warm.get("c")
    assert warm.keys() == ["a", "c"]
    assert warm.get("b") is not None
    assert warm.keys() == ["c", "b"]


def test_the_one_in_use_stays_even_if_it_is_too_large():
    warm: Warm[str, Thing] = Warm(lambda key: Thing(key, 1000), limit=25)
    warm.get("a")
    assert warm.keys() == ["a"]
    warm.get("b")
    assert warm.keys() == ["b"]


def test_a_failure_is_not_remembered():
    answers = [ValueError("no"), Thing("a")]

    def load(key):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    warm: Warm[str, Thing] = Warm(load, limit=25)
    with pytest.raises(ValueError, match="no"):
        warm.get("a")
    assert warm.get("a").key == "a"


def test_many_who_wait_load_once_and_others_do_not_wait():
    loading, go = threading.Event(), threading.Event()
    loaded = []

    def load(key):
        loaded.append(key)
        if key == "slow":
            loading.set()
            assert go.wait(60)
        return Thing(key)

    warm = Warm(load, limit=100)
    warm.get("quick")
    threads = [threading.Thread(target=warm.get, args=("slow",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert loading.wait(60)
    assert warm.get("quick").key == "quick"
    go.set()
    for thread in threads:
        thread.join()
    assert loaded == ["quick", "slow"]
