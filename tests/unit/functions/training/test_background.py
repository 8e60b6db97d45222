"""Large jobs step back: what they do in the background, small ones and everybody else go first."""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from functions.training.adapters.background import LEAST, NICE, in_background
from functions.training.model.jobs import LARGE_SECONDS
from functions.training.service.step_kinds.tools import Pace
from tests.support.in_memory.training_house import SMALL, House, learn_once


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority on Linux alone")
def test_work_in_the_background_steps_back_and_nothing_else_does() -> None:
    before = niceness()
    assert in_background(niceness) == min(before + NICE, LEAST)
    assert niceness() == before


def test_what_background_work_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        in_background(fail)


def test_a_job_steps_back_once_it_has_worked_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_once(monkeypatch)
    house = House(pace=Pace(turn=0.0, record=0.0))
    worked: list[float] = []

    def noted(work: Callable[[], Any]) -> Any:
        worked.append(house.store.load(job.place).worked)
        return work()

    house.steps._background = noted
    house.clock._tick = LARGE_SECONDS / 2  # what a fold takes
    job = house.post(candidates=SMALL, ensemble=False)
    house.run()
    ended = house.store.load(job.place)
    assert (ended.state, ended.worked > LARGE_SECONDS) == ("succeeded", True)
    assert worked
    assert min(worked) >= LARGE_SECONDS
