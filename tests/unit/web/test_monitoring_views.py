"""Windows, rules and their numbers in words."""

import pytest

from web.client.alert_schemas import Rule
from web.client.errors import Invalid
from web.client.monitoring_schemas import Reading, Window
from web.forms.channels import parse_channel
from web.forms.rules import parse_rule, texts_of
from web.views.monitoring.heat import heat
from web.views.monitoring.standing import standing
from web.views.monitoring.words import (
    act_words,
    condition_words,
    listed,
    measure_words,
    times_words,
    value_words,
)

AT = "2026-01-02T12:00:00Z"


def window(place=0, span="hour", rows=100, **measures):
    found = {name.replace("__", ":"): one for name, one in measures.items()}
    start = f"2026-01-02T{12 + place:02}:00:00Z"
    return Window(f"{span}-{place}", 1, span, start, start, rows, found)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("drift", "Drift of any column"),
        ("drift:prediction", "Drift of what it answers"),
        ("missing:Name", "Name missing"),
        ("quality:roc_auc", "ROC AUC by labels"),
        ("estimated:mae", "MAE as estimated"),
        ("calls", "Number of calls"),
        ("brand_new", "Brand new"),
        ("brand_new:x:y", "Brand new x:y"),
    ],
)
def test_measures_are_called_so(measure, words):
    assert measure_words(measure) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"when": "above", "value": 0.5}, "above 0.5"),
        ({"when": "outside"}, "outside its usual band"),
        ({"when": "outside", "high": 3.0}, "not between – and 3"),  # noqa: RUF001 - a dash
        ({"when": "alarm"}, "more than chance explains"),
        ({"when": "worse", "margin": 0.05}, "worse than in training by more than 0.05"),
        (
            {"when": "worse", "margin": 0.1, "relative": True},
            "worse than in training by more than 10%",
        ),
        ({"when": "new"}, "new"),
    ],
)
def test_conditions_read_so(condition, words):
    assert condition_words(condition) == words


def test_small_words():
    assert times_words(1, "hour") == "for 1 hour"
    assert times_words(3, "count") == "in 3 windows in a row"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert listed(["a", "b"]) == "a and b"
    assert listed([]) == ""
    shared = {"do": "switch", "shares": {"1": 90, "2": 10}}
    assert act_words(shared) == "share the calls of champion: version 1 90 %, version 2 10 %"
    assert value_words(12.0, "p95") == "12 ms"
    assert value_words(0.25, "missing:age") == "25.0%"
    assert value_words(1e-9, "drift") == "hardly by chance"


@pytest.mark.parametrize(
    ("windows", "state", "said"),
    [
        ([], "unknown", "Nobody has asked it yet."),
        ([window(drift=Reading(None))], "unknown", "cannot be told yet"),
        ([window(drift=Reading(0.4))], "good", "as far as 100 rows tell"),
        (
            [
                window(0, drift=Reading(0.0, alarm=True), drift__a=Reading(1.0, alarm=True)),
                window(1, drift=Reading(0.5)),
            ],
            "good",
            "as far as 200 rows tell",
        ),
        (
            [
                window(0, drift=Reading(0.5)),
                window(1, drift=Reading(0.0, alarm=True), drift__a=Reading(1.0, alarm=True)),
                window(2, drift=Reading(None)),
            ],
            "off",
            "Since 2 Jan 13:00 a is not as in the rows",
        ),
        (
            [window(estimated__accuracy=Reading(0.5, alarm=True))],
            "off",
            "Accuracy is 0.5000 as estimated: worse than when it was made.",
        ),
    ],
)
def test_windows_in_a_sentence(windows, state, said):
    found = standing(windows)
    assert found.state == state
    assert said in found.text


@pytest.mark.parametrize(
    ("value", "high", "level"),
    [(0.0, 0.1, 0), (0.05, 0.1, 1), (0.1, 0.1, 2), (0.2, 0.1, 3), (9.0, 0.1, 4), (0.3, None, 3)],
)
def test_the_farther_the_darker(value, high, level):
    found = heat([window(drift__a=Reading(value, high=high))])
    assert found is not None
    assert found.rows[0].cells[0].level == level


@pytest.mark.parametrize(
    ("why", "text"), [("probability", "0.33"), ("values, probability", "0.01")]
)
def test_a_cell_shows_what_is_off(why, text):
    off = Reading(0.01, high=0.1, alarm=True, why=why)
    sure = Reading(0.33, alarm=True)
    found = heat([window(drift__prediction=off, probability__prediction=sure)])
    assert found is not None
    assert found.rows[0].cells[0].text == text


def test_days_have_no_time_and_a_gap_is_no_cell():
    days = [
        window(0, "day", drift__a=Reading(0.1)),
        window(1, "day", drift__b=Reading(None, why="x")),
    ]
    found = heat(days)
    assert found is not None
    assert [(one.day, one.time) for one in found.heads] == [("2 Jan", ""), ("", "")]
    assert [one.cells[1].level for one in found.rows] == [None, None]
    assert heat([window(calls=Reading(1.0))]) is None


@pytest.mark.parametrize(
    "rule",
    [
        Rule("r", "R", "drift", {"when": "alarm"}),
        Rule("r", "R", "p95", {"when": "above", "value": 1000.5}, version=3, enabled=False),
        Rule("r", "R", "calls", {"when": "outside", "low": 1.0, "high": 9.0}, channels=["c"]),
        Rule(
            "r",
            "R",
            "quality:f1",
            {"when": "worse", "margin": 0.1, "relative": True},
            acts=[{"do": "retrain", "alias": "next"}, {"do": "promote", "alias": "next"}],
        ),
    ],
)
def test_a_form_that_nobody_touched_changes_nothing(rule):
    acts = [one["do"] for one in rule.acts]
    found = parse_rule(texts_of(rule), rule.channels or [], acts, rule)
    assert {name: getattr(rule, name) for name in found} == found


def test_what_is_no_channel_is_refused():
    with pytest.raises(Invalid):
        parse_channel({"to": ""}, "email")
    with pytest.raises(Invalid, match="no kind"):
        parse_channel({}, "pigeon")
    assert parse_channel({"url": " ", "everybody": "yes"}, "webhook") == {
        "kind": "webhook",
        "name": "",
        "everybody": True,
    }
