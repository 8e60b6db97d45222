"""What the first page puts together."""

import datetime as dt

import pytest

from web.client.account_schemas import Line, Usage
from web.client.monitoring_schemas import Reading, Window
from web.client.schemas import Job, Model
from web.client.table_schemas import Dataset
from web.views.control_room import failed, last_changed, seconds_left, used_up
from web.views.monitoring.serving import HEIGHT, Failed, failed_calls, serving

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


def window(hours_ago, rows, **measures):
    start = NOW - dt.timedelta(hours=hours_ago)
    end = start + dt.timedelta(hours=1)
    return Window("w", 1, "hour", start.isoformat(), end.isoformat(), rows, measures)


def test_a_model_at_a_glance_is_its_last_day():
    drift = Reading(0.0, alarm=True, why="age, fare")
    day = serving(
        [
            window(24, 999),  # before it
            window(23, 30, p95=Reading(9.0), drift=Reading(0.4)),
            window(2, 60, p95=Reading(4.5), drift=drift),
            window(1, 0, p95=Reading(None), drift=Reading(None, why="too few")),
            window(0, 1),
        ],
        NOW + dt.timedelta(minutes=40),
    )
    assert day is not None
    assert (day.predictions, day.p95, day.drift) == (91, 4.5, "age and fare")
    assert [(bar.x, bar.height) for bar in day.bars] == [(0, HEIGHT / 2), (21, HEIGHT), (23, 1.0)]
    assert day.bars[0].said == "9 Mar 13:00: 30 predictions"
    assert day.said == "91 predictions in a day, 60 in the busiest hour"


@pytest.mark.parametrize(
    ("windows", "drift"),
    [
        ([window(0, 5, drift=Reading(0.4))], ""),
        ([window(0, 5, drift=Reading(None, why="too few"))], None),
        ([window(0, 5)], None),
    ],
)
def test_no_drift_and_not_known_are_told_apart(windows, drift):
    found = serving(windows, NOW)
    assert found is not None
    assert found.drift == drift


@pytest.mark.parametrize("windows", [[], [window(0, 0)], [window(30, 7)]])
def test_a_model_that_nobody_asked_in_a_day_has_no_figures(windows):
    assert serving(windows, NOW) is None


def test_calls_that_did_not_go_well_are_counted_by_model():
    def line(model, status):
        path = f"/models/{model}/predict" if model else "/openapi.json"
        route = "/models/{model}/predict" if model else "/openapi.json"
        return Line("2026-03-10T12:00:00Z", "prediction", "POST", path, status, route)

    failed_lines = [line("a", 500), line("b", 503), line("b", 500), line("", 500)]
    assert failed_calls(failed_lines, [line("c", 422), line("a", 422)]) == [
        Failed("b", 2, 0),
        Failed("a", 1, 1),
        Failed("c", 0, 1),
    ]
