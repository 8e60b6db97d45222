"""Server-sent events of a job."""

import datetime as dt
from collections.abc import Callable

import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.http.routing.routes import StillMay
from functions.training.model import jobs, transitions
from functions.training.model.jobs import Job
from functions.training.model.requests.spec import JobRequest
from functions.training.transport import events

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
QUEUED = jobs.new(Place(MAIN, "j1"), "ann", JobRequest(dataset="d", target="y"), NOW)


def told(load: Callable[[], Job], still_may: StillMay = lambda: True) -> list[bytes]:
    return list(events.stream(load, still_may, ManualClock()))


def test_each_change_is_told_once_and_the_end_ends() -> None:
    states = iter([QUEUED, QUEUED, transitions.cancel(QUEUED, NOW)])
    first, last = told(lambda: next(states))
    assert first.startswith(b"event: job\ndata: {")
    assert b'"id":"j1"' in first
    assert b"attempts" not in first
    assert b'"state":"cancelled"' in last
    assert last.endswith(b"\n\n")


def test_a_job_that_rests_is_watched_for_a_bounded_time() -> None:
    found = told(lambda: QUEUED)
    assert found[0].startswith(b"event: job")
    assert set(found[1:]) == {b": still here\n\n"}
    assert len(found) == pytest.approx(events.LONGEST_SECONDS / events.QUIET_SECONDS, rel=0.1)


def test_who_may_not_watch_any_more_is_told_no_more() -> None:
    answers = iter([True, True, False])
    changes = iter([QUEUED, transitions.begin_start(QUEUED, NOW), QUEUED])
    found = told(lambda: next(changes), lambda: next(answers))
    assert len(found) == 1
    assert len(list(changes)) == 1  # it did not even look
