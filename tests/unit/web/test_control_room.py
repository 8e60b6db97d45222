"""What the first page puts together."""

import datetime as dt

import pytest

from web.client.account_schemas import Usage
from web.client.schemas import Job, Model
from web.client.table_schemas import Dataset
from web.views.control_room import failed, last_changed, seconds_left, used_up

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


def job(id_="j", state="failed", hours=1.0, **more):
    at = (NOW - dt.timedelta(hours=hours)).isoformat()
    return Job(id=id_, state=state, dataset="d", target="t", created_at=at, **more)


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        ([job("a")], ["a"]),
        ([job("old", hours=200)], []),
        ([job("good", "succeeded"), job("bad", hours=2)], []),
        ([job("bad"), job("good", "succeeded", hours=2)], ["bad"]),
    ],
)
def test_failures_that_nothing_made_good_need_somebody(jobs, told):
    assert [one.id for one in failed(jobs, NOW)] == told


@pytest.mark.parametrize(
    ("usage", "share"),
    [
        (None, None),
        (Usage("p", 60), None),
        (Usage("p", 60, used=3, limit=None), None),
        (Usage("p", 60, used=79, limit=100), None),
        (Usage("p", 60, used=80, limit=100), 0.8),
    ],
)
def test_a_quota_is_told_of_when_it_is_nearly_used(usage, share):
    assert used_up(usage) == share


@pytest.mark.parametrize(
    ("progress", "started", "left"),
    [(0.25, 60, 180), (0.01, 60, None), (1, 60, None), (0.5, None, None), (0.5, -5, 0)],
)
def test_the_time_left_is_what_the_rest_takes_at_this_pace(progress, started, left):
    begun = None if started is None else (NOW - dt.timedelta(seconds=started)).isoformat()
    assert seconds_left(job(state="running", progress=progress, started_at=begun), NOW) == left


def test_what_changed_last_comes_first_whatever_it_is():
    dataset = Dataset(id="d", name="D", state="ready", updated_at="2026-03-10T11:30:00Z")
    model = Model(name="m", latest=2, updated_at="2026-03-10T10:00:00Z")
    found = last_changed([dataset], [job("j")], [model])
    assert [(one.kind, one.id) for one in found] == [("dataset", "d"), ("job", "j"), ("model", "m")]
