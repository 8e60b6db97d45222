"""The clock: the machine's and the double keep the same promises."""

import datetime as dt

import pytest

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.ports import Clock

PAUSE = 0.02


@pytest.fixture(params=[SystemClock, ManualClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made: Clock = request.param()
    return made


def test_the_time_is_in_utc(clock: Clock) -> None:
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_time_passes_by_sleeping(clock: Clock) -> None:
    began, moment = clock.monotonic(), clock.now()
    clock.sleep(PAUSE)
    assert clock.monotonic() - began >= PAUSE
    assert clock.now() - moment >= dt.timedelta(seconds=PAUSE / 2)


def test_seconds_never_go_back(clock: Clock) -> None:
    seen = [clock.monotonic() for _ in range(100)]
    assert seen == sorted(seen)


def test_a_manual_clock_stands_or_ticks() -> None:
    still, ticking = ManualClock(), ManualClock(tick=1.0)
    assert still.monotonic() == still.monotonic()
    assert ticking.monotonic() + 1 == ticking.monotonic()
    before = still.now()
    still.advance(90)
    assert still.now() - before == dt.timedelta(seconds=90)
