"""The pages of monitoring: a model's monitor, alerts, rules, channels, operations."""

import datetime as dt
import html
import json
import re
import xml.etree.ElementTree as ET

import httpx
import pytest

from tests.support.pages.house import line, problem
from tests.support.pages.monitored import (
    act,
    alert,
    channel,
    column,
    measures,
    notice,
    quality,
    reading,
    rule,
    window,
)
from tests.support.pages.questions import asked


@pytest.fixture(autouse=True)
def model(double):
    double.add_dataset()
    double.add_job(state="succeeded", version=1, best=0)
    double.add_model(versions=2)
    return double.monitored


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def drifted(monitored):
    monitored.windows = [window(0), *(window(n, **measures(2.5, alarm=True)) for n in (1, 2))]
    monitored.columns["age"] = column("age")


def test_a_monitor_says_since_when_what_is_off(browser, model):
    drifted(model)
    text = browser.get("/models/titanic/monitor").text
    assert "Since 2 Jan 13:00 age is not as in the rows that it learnt from." in text
    assert text.count('class="l4 off"') == 2
    assert "age, 2 Jan 14:00: 2.50 from what was learnt, off: its values and how many are" in text
    assert 'href="/models/titanic/monitor/column?name=age&amp;window=hour-2&amp;version=1"' in text
    assert "120 calls, none out of the ordinary" in text
    assert "No labels yet" in text
    assert "<title>Off: Monitor of titanic" in text


def test_a_page_that_has_no_room_for_all_windows_says_so(browser, model):
    drifted(model)
    assert "so many columns" not in browser.get("/models/titanic/monitor").text
    model.room = 2
    assert "a page has room for 2 windows alone" in browser.get("/models/titanic/monitor").text


def test_what_is_off_stands_first_and_nearer_columns_behind_a_link(browser, model):
    many = {f"drift:c{n:02}": reading(0.01, high=0.1) for n in range(40)}
    model.windows = [window(0, **measures(3.0, alarm=True, **many))]
    text = browser.get("/models/titanic/monitor").text
    rows = re.findall(r'<th scope="row" title="([^"]+)"', text)
    assert rows[0] == "age"
    assert len(rows) == 25
    assert "17 more columns" in text
    assert (
        len(re.findall('scope="row" title=', browser.get("/models/titanic/monitor?all=yes").text))
        == 42
    )


@pytest.mark.parametrize(
    ("found", "span", "said"),
    [
        (None, "hour", "once titanic is asked"),
        ("This version has no reference of the rows", "hour", "No reference yet."),
        ("Fewer than 20 predictions are not compared.", "hour", "Look at days."),
        ("Fewer than 20 predictions are not compared.", "minute", "Look at hours."),
    ],
)
def test_what_is_not_known_says_what_to_do(browser, model, found, span, said):
    if found:
        one = window(0, calls=reading(3.0), drift=reading(None, why=found))
        model.windows = [one | {"span": span}]
    assert said in browser.get(f"/models/titanic/monitor?span={span}").text


def test_quality_stands_true_and_estimated_with_how_far_the_estimate_was_off(browser, model):
    quality = {
        "quality:accuracy": reading(0.7, low=0.6, high=0.8, alarm=True, rows=50),
        "estimated:accuracy": reading(0.72, low=0.7, high=0.74),
        "quality:f1": reading(0.6),
    }
    model.windows = [window(0, **measures(**quality))]
    text = browser.get("/models/titanic/monitor").text
    assert "Accuracy: 0.7000 by labels, 0.7200 estimated" in text
    assert "Accuracy is 0.7000 by labels: worse than when it was made." in text
    assert "the estimate of Accuracy was off by 0.0200 on average, over 1 window." in text
    assert "metric=f1" in text
    spec = browser.get("/models/titanic/monitor/quality-light.json").json
    assert {one["series"] for one in spec["data"]["values"]} == {"by labels", "estimated"}
    quality["estimated:accuracy"] = reading(None, why="labels disagree")
    model.windows = [window(0, **measures(**quality))]
    assert (
        "The estimate cannot tell: labels disagree" in browser.get("/models/titanic/monitor").text
    )


@pytest.mark.parametrize("chart", ["traffic", "latency"])
def test_each_chart_is_a_picture_and_a_document(browser, model, chart):
    drifted(model)
    spec = browser.get(f"/models/titanic/monitor/{chart}-dark.json").json
    assert spec["$schema"].endswith("v6.json")
    assert ET.fromstring(browser.get(f"/models/titanic/monitor/{chart}-light-wide.svg").text)
    assert browser.get("/models/titanic/monitor/nope-light.json").status_code == 404
    assert browser.get(f"/models/titanic/monitor/{chart}-pink.json").status_code == 404


def test_a_column_stands_then_and_now_in_a_chart_and_in_numbers(browser, model):
    drifted(model)
    text = browser.get("/models/titanic/monitor/column?name=age&window=hour-1").text
    assert "age from 0 to 30: 60.0% then, 10.0% now" in text
    assert "Off: its values and how many are missing." in text
    assert ET.fromstring(
        browser.get("/models/titanic/monitor/column-light-wide.svg?name=age&window=hour-1").text
    )
    others = {"value": "", "then": 0.1, "now": 0.3}
    named = [{"value": "x", "then": 0.9, "now": 0.7}]
    model.columns["town"] = column("town", bars=[], words=named, others=others, new_words={"z": 4})
    text = browser.get("/models/titanic/monitor/column?name=town&window=hour-1").text
    assert "town is x: 90.0% then, 70.0% now" in text
    assert "<code>z</code> 4 times" in text
    where = "/models/titanic/monitor/column-light.json?name=town&window=hour-1"
    assert len(browser.get(where).json["data"]["values"]) == 4
    model.columns["secret"] = column("secret", bars=[], why="Its values are sensitive.")
    text = browser.get("/models/titanic/monitor/column?name=secret&window=hour-1").text
    assert "Its values are sensitive." in text
    assert "<picture>" not in text
    assert browser.get("/models/titanic/monitor/column?name=age").status_code == 404
    assert browser.get("/models/titanic/monitor/column?name=no&window=w").status_code == 404


def test_reasons_stand_then_and_now_where_they_are_measured(browser, model):
    assert "is not compared" not in browser.get("/models/titanic/monitor").text
    model.windows = [window(0)]
    assert "is not compared in these windows" in browser.get("/models/titanic/monitor").text
    model.windows = [window(0, **measures(**{"drift:explanations": reading(0.3)}))]
    shares = [{"value": "sex", "then": 0.7, "now": 0.2}]
    model.columns["explanations"] = column("explanations", bars=[], words=shares)
    text = browser.get("/models/titanic/monitor").text
    assert "Why it answers so" in text
    assert "70.0%" in text


def test_train_again_begins_with_the_training_of_what_answers(browser, double):
    answer = browser.post("/models/titanic/monitor/retrain")
    assert answer.headers["Location"] == "/jobs/j1"
    assert ("POST", "/training/jobs/j1/again", b"") in double.requests
    double.versions["titanic", 1]["function"] = "mine"
    assert browser.post("/models/titanic/monitor/retrain").status_code == 404


def test_a_monitor_stands_without_the_function(browser, double):
    double.answers["GET", "/monitoring/models/titanic/windows"] = httpx.Response(503, text="away")
    answer = browser.get("/models/titanic/monitor")
    assert answer.status_code == 200
    assert "The page is shown without" in answer.text


AWAY = httpx.Response(503, text="away")


def test_what_cannot_be_had_is_not_told_as_if_there_were_none(browser, double, model):
    double.answers["GET", "/monitoring/models/titanic/windows"] = AWAY
    double.answers["GET", "/monitoring/windows"] = AWAY
    double.answers["GET", "/monitoring/alerts"] = AWAY
    double.answers["GET", "/monitoring/channels"] = AWAY
    shown = words(browser.get("/models/titanic/monitor").text)
    assert "are not known at the moment" in shown
    assert "predictions not known" in shown
    for none in ("No prediction was made", "No open alert", " 0 predictions in"):
        assert none not in shown
    overview = words(browser.get("/monitoring").text)
    assert "What it was asked cannot be had at the moment." in overview
    assert "none" not in overview.partition("Open alerts")[2].partition("Answers")[0]
    operations = words(browser.get("/operations").text)
    assert "Nothing out of the ordinary" not in operations
    assert "No model was asked" not in operations


def test_rules_and_alerts_stand_without_their_channels(browser, double, model):
    model.rules = {"drift": rule(channels=["c1"])}
    model.alerts = {"a1": alert()}
    double.answers["GET", "/monitoring/channels"] = AWAY
    shown = words(browser.get("/models/titanic/rules").text)
    assert "who is told is not known at the moment" in shown
    assert "Nobody is told" not in shown
    assert "a channel that is gone" not in shown
    text = browser.get("/models/titanic/rules/drift/edit").text
    assert "There is no channel yet" not in text
    assert '<input type="hidden" name="channels" value="c1">' in text  # it is not lost by a change
    assert "there is no channel yet" not in browser.get("/alerts/a1").text


def test_a_report_can_be_chosen_only_of_what_is_known(browser, double):
    double.answers["GET", "/models/models"] = AWAY
    text = browser.get("/reports/new").text
    assert "Not all is known at the moment." in text
    assert "There is none yet." not in text


def test_alerts_are_listed_by_state_with_what_can_be_done(browser, model):
    model.alerts = {
        "a1": alert(),
        "a2": alert("a2", name="Calls fail", state="resolved", severity="critical"),
    }
    text = browser.get("/alerts").text
    assert "Inputs drift" in text
    assert "Calls fail" in text
    assert text.count("Take in hand<") == 1
    assert "Calls fail" not in browser.get("/alerts?state=firing").text
    assert "No such alert." in browser.get("/alerts?state=firing&severity=critical").text
    assert "of iris ✕" in browser.get("/alerts?model=iris").text
    model.alerts = {}
    assert "There was none yet" in browser.get("/alerts").text


def test_an_alert_is_taken_in_hand_and_silenced_for_a_while(browser, model):
    model.alerts = {"a1": alert()}
    model.rules = {"drift": rule()}
    answer = browser.post("/alerts/a1/acknowledge", data={"back": "list"})
    assert answer.headers["Location"] == "/alerts"
    assert "owner has it in hand" in browser.get("/alerts/a1").text
    answer = browser.post("/alerts/a1/silence", data={"hours": "8"})
    assert answer.headers["Location"] == "/alerts/a1"
    until = dt.datetime.fromisoformat(json.loads(model.sent[-1][1])["until"])
    assert 7.9 < (until - dt.datetime.now(dt.UTC)).total_seconds() / 3600 <= 8
    assert "Nobody hears of Inputs drift for 8 hours" in browser.get("/alerts/a1").text
    model.rules["drift"]["silenced_until"] = until.isoformat()
    assert "Hear of it again" in browser.get("/alerts/a1").text
    browser.post("/alerts/a1/silence", data={"hours": "0"})
    assert json.loads(model.sent[-1][1]) == {"until": None}
    assert browser.post("/alerts/a1/silence", data={"hours": "9"}).status_code == 422


def test_an_alert_tells_who_was_told_and_what_it_did_which_can_be_undone(browser, model):
    model.alerts = {"a1": alert(notices=["n1", "gone"], acts=[act()])}
    model.notices = {"n1": notice(state="failed", problem="nobody answers", tries=3)}
    model.channels = {"c1": channel()}
    text = words(browser.get("/alerts/a1").text)
    assert "The team failed 3" in text
    assert "nobody answers" in text
    assert "Train again as champion was trained, on the newest rows done version 2 was made" in text
    assert "It is as it was before the alert did this." in asked(browser, "/alerts/a1", "Undo…")
    answer = browser.post("/alerts/a1/acts/0/undo")
    assert answer.headers["Location"] == "/alerts/a1"
    assert "version 1 answers again" in browser.get("/alerts/a1").text


def test_rules_are_listed_tested_and_removed(browser, model):
    model.rules = {"drift": rule(), "off": rule("off", enabled=False, name="Slow")}
    text = words(browser.get("/models/titanic/rules").text)
    assert "Drift of any column is more than chance explains for 3 hours in a row" in text
    assert "Nobody is told when a rule fires." in text
    model.channels = {"c1": channel()}
    assert "told: The team" in browser.get("/models/titanic/rules").text
    browser.post("/models/titanic/rules/drift/test")
    assert "1 channel is told that this is a test." in browser.get("/models/titanic/rules").text
    answer = browser.post("/models/titanic/rules/drift/delete", data={"revision": "7"})
    assert answer.status_code == 412
    browser.post("/models/titanic/rules/drift/delete", data={"revision": "1"})
    assert list(model.rules) == ["off"]


FORM = {
    "name": "Age drifts",
    "measure": "drift:age",
    "when": "above",
    "value": "0,5",
    "span": "day",
    "for_windows": "2",
    "clear_windows": "",
    "cooldown_minutes": "0",
    "severity": "critical",
    "told": "chosen",
    "channels": ["c1"],
    "acts": ["promote", "retrain"],
    "alias": "champion",
    "enabled": "yes",
}


def test_a_rule_is_made_from_a_form(browser, model):
    model.windows = [window(0) | {"span": "day"}]
    text = browser.get("/models/titanic/rules/new").text
    assert '<option value="drift:sex">Drift of sex</option>' in text
    answer = browser.post("/models/titanic/rules", data=FORM)
    assert answer.headers["Location"] == "/models/titanic/rules"
    [(_, sent)] = model.sent
    assert sent["condition"] == {"when": "above", "value": 0.5}
    assert sent["channels"] == ["c1"]
    assert [one["do"] for one in sent["acts"]] == ["retrain", "promote"]
    assert (sent["for_windows"], sent["clear_windows"], sent["version"]) == (2, 1, None)


def test_a_rule_that_cannot_be_says_what_is_wrong_where(browser, model):
    form = FORM | {"name": "", "value": "much", "for_windows": "few", "version": "new"}
    answer = browser.post("/models/titanic/rules", data=form)
    assert answer.status_code == 422
    told = words(answer.text)
    assert "Name is missing: say what people shall call it." in told
    assert "Value must be a number." in told
    assert "Windows in a row is a whole number, such as 3." in told
    assert "Version is the number of a version, or empty for the champion." in told
    assert 'value="much"' in answer.text
    assert model.sent == []


def test_a_change_keeps_what_the_form_does_not_show(browser, model):
    kept = {"do": "promote", "alias": "champion", "measure": "accuracy", "margin": 0.1}
    model.rules = {
        "drift": rule(acts=[kept], condition={"when": "outside", "low": 1.0, "high": 2.0})
    }
    text = browser.get("/models/titanic/rules/drift/edit").text
    assert 'id="low" name="low" inputmode="decimal" value="1"' in text
    form = FORM | {"revision": "1", "when": "outside", "low": "1", "high": "", "acts": ["promote"]}
    answer = browser.post("/models/titanic/rules/drift", data=form)
    assert answer.headers["Location"] == "/models/titanic/rules"
    [(revision, sent)] = model.sent
    assert revision == "1"
    assert sent["acts"] == [kept]
    assert sent["condition"] == {"when": "outside", "low": 1.0}
    model.rules["drift"]["revision"] = 2
    answer = browser.post("/models/titanic/rules/drift", data=form)
    assert answer.status_code == 412
    assert "It was changed meanwhile." in answer.text


def test_channels_are_made_tested_changed_and_removed(browser, model):
    assert "Without one, nobody is told" in browser.get("/channels").text
    answer = browser.post("/channels", data={"kind": "webhook", "url": "https://example.org/x"})
    assert answer.status_code == 201
    assert "whsec_once" in answer.text
    assert model.sent[-1][1] == {
        "kind": "webhook",
        "name": "",
        "everybody": False,
        "url": "https://example.org/x",
    }
    answer = browser.post("/channels", data={"kind": "email", "to": " "})
    assert answer.status_code == 422
    assert "Addresses is missing: write an address" in words(answer.text)
    assert browser.post("/channels", data={"kind": "fax"}).status_code == 422
    model.channels = {"c1": channel()}
    answer = browser.post("/channels/c1/test")
    assert answer.headers["Location"] == "/channels?notice=n1"
    assert "The test is on its way." in browser.get("/channels?notice=n1").text
    model.notices["n1"] |= {"state": "failed", "problem": "no such host"}
    assert "no such host" in browser.get("/channels?notice=n1").text
    assert 'value="ann@example.org"' in browser.get("/channels/c1/edit").text
    form = {"to": "ann@example.org; bob@example.org", "revision": "1", "everybody": "yes"}
    browser.post("/channels/c1", data=form)
    assert model.sent[-1][1]["to"] == ["ann@example.org", "bob@example.org"]
    browser.post("/channels/c1/delete", data={"revision": "1"})
    assert model.channels == {}


def test_the_overview_tells_of_each_model_whether_it_is_right(browser, double, model):
    drifted(model)
    model.alerts = {"a1": alert()}
    double.add_model("asleep", champion=None)
    text = words(browser.get("/monitoring").text)
    assert "titanic off Since 2 Jan 13:00 age is not" in text
    assert "Inputs drift" in text
    assert "asleep" not in text
    double.models.clear()
    assert "None does yet." in browser.get("/monitoring").text


def test_operations_tell_of_models_and_for_operators_of_functions(browser, double, model, plane):
    busy = measures(calls=reading(900.0, low=10.0, high=60.0, alarm=True))
    model.windows = [window(0), window(1, **busy)]
    text = words(browser.get("/operations").text)
    assert "titanic Number of calls 2 Jan 13:00 900 10 to 60" in text
    assert "models 1 1,234" in text
    double.house.accounts["owner"]["operator"] = False
    text = words(browser.get("/operations").text)
    assert "Who runs the system sees here" in text
    assert "1,234" not in text


def test_home_tells_what_is_off(browser, double, model):
    model.alerts = {
        "a1": alert(),
        "a2": alert("a2", model="other", name="Calls are slow", measure="p95"),
    }
    text = browser.get("/").text
    assert 'href="/alerts/a1"' in text
    assert "inputs drift" in text
    double.answers["GET", "/monitoring/alerts"] = problem(500, "It broke.")
    assert browser.get("/").status_code == 200


def test_a_table_tells_which_live_columns_drift(browser, model):
    assert "drift" not in browser.get("/datasets/titanic/columns").text
    drifted(model)
    text = browser.get("/datasets/titanic/columns").text
    assert "Live values of age drift" in words(text)
    assert 'href="/models/titanic/monitor#drift"' in text


def test_who_may_only_look_is_shown_nothing_to_change(app, double, model):
    model.alerts, model.rules, model.channels = (
        {"a1": alert(acts=[act()])},
        {"drift": rule()},
        {"c1": channel()},
    )
    client = app.test_client()
    client.post("/sign-in", data={"email": "bob@example.org", "password": "battery staple"})
    for page, hidden in (
        ("/alerts", "Take in hand"),
        ("/alerts/a1", "Undo…"),
        ("/models/titanic/rules", "Add a rule"),
        ("/channels", "Send a test"),
        ("/models/titanic/monitor", "Train again"),
    ):
        answer = client.get(page)
        assert answer.status_code == 200
        assert hidden not in answer.text
    assert client.get("/models/titanic/rules/new").status_code == 403


def test_quality_is_shown_part_by_part_and_window_by_window(browser, model):
    part = {"slice:age missing": reading(0.5, low=0.3, high=0.7, rows=12)}
    told = {"quality:accuracy": reading(0.7, low=0.6, high=0.8, rows=40)}
    model.windows = [window(0), window(1, **measures(**told, **part)), window(2)]
    text = browser.get("/models/titanic/monitor").text
    assert 'title="age missing, 2 Jan 13:00: 0.5000, within 0.3000 to 0.7000, by 12 labels"' in text
    assert 'href="/models/titanic/monitor/quality?window=hour-1&amp;version=1"' in text
    model.qualities["hour-1"] = quality()
    shown = words(browser.get("/models/titanic/monitor/quality?window=hour-1&version=1").text)
    assert "100 predictions 40 labels" in shown
    assert "Accuracy worse 0.7000 0.6000 to 0.8000 0.8100 -0.1100" in shown
    assert "90.0% of the time 85.0% 70.0% to 95.0%" in shown
    assert "age missing 30 12 0.5000" in shown
    other = browser.get("/models/titanic/monitor/quality?window=hour-1&metric=roc_auc").text
    assert "age missing 30 12 – 0.9000" in words(other)  # noqa: RUF001 - a dash reads as no value
    assert browser.get("/models/titanic/monitor/quality?window=none").status_code == 404
    assert browser.get("/models/titanic/monitor/quality").status_code == 404


def test_without_labels_the_estimate_of_each_part_is_a_link_away(browser, model):
    model.windows = [window(0, **measures(**{"estimated:accuracy": reading(0.8)}))]
    text = browser.get("/models/titanic/monitor").text
    assert "What is estimated of each in the newest window" in text
    assert "monitor/quality?window=hour-0" in text


ANOMALIES = [
    {
        "service": "models",
        "kind": "new_text",
        "value": 3.0,
        "text": "<x> failed",
        "trace": "a" * 32,
    },
    {"service": "web", "kind": "latency", "value": 1.5, "usual": 0.1, "low": -1.0, "high": 0.4},
    {"service": "web", "kind": "calls", "value": 2.0, "usual": 90.0, "low": 60.0, "high": 120.0},
    {"service": "web", "kind": "errors", "value": 0.25, "usual": 0.01},
]


def test_what_is_odd_in_calls_and_logs_leads_to_the_log(browser, plane):
    plane.anomalies = ANOMALIES
    shown = browser.get("/operations").text
    text = words(shown)
    assert "4 oddities in calls and logs" in text
    assert "It says something that it never said before 3 never <x> failed" in text
    assert "Calls take far longer than usual 1.5 s 0 ms to 400 ms" in text
    assert "Far fewer calls than usual 2 60 to 120" in text
    assert "More calls fail than chance explains 25.0% 1.0%" in text
    way = f"/operations/logs?name=models&amp;level=warning&amp;since=1h&amp;trace={'a' * 32}"
    assert f'href="{way}"' in shown
    plane.anomalies = ANOMALIES[:1]
    assert "1 oddity in calls and logs" in words(browser.get("/operations").text)
    plane.anomalies = []
    assert "Nothing odd in calls and logs" in browser.get("/operations").text


def test_logs_are_searched_by_who_runs_the_system(browser, double, plane):
    entry = {"time": "2026-01-02T12:00:00.000Z", "service": "models", "level": "error"}
    entry |= {"event": "a <fault>", "trace": "b" * 32, "text": '{"event": "a <fault>"}'}
    plane.entries = [entry]
    address = "/operations/logs?text=fault&level=error&since=1h&name=models&odd=1"
    text = browser.get(address).text
    assert plane.searched == {
        "text": "fault",
        "level": "error",
        "since": "1h",
        "name": "models",
        "limit": "200",
    }
    assert "a &lt;fault&gt;" in text
    assert f'href="/operations/logs?trace={"b" * 32}"' in text
    assert "nobody called that logs here" in browser.get("/operations/logs?name=nobody").text
    refused = browser.get("/operations/logs?trace=xyz")
    assert refused.status_code == 422
    assert "Trace is 32 of the digits" in words(refused.text)
    double.house.accounts["owner"] |= {"roles": {"main": "viewer"}, "operator": False}
    assert browser.get("/operations/logs").status_code == 403
    assert "in calls and logs" not in browser.get("/operations").text


def hour(hours_ago, rows, **found):
    now = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    start = now - hours_ago * dt.timedelta(hours=1)
    end = start + dt.timedelta(hours=1)
    return window(0, rows, **found) | {"start": start.isoformat(), "end": end.isoformat()}


def test_home_shows_the_last_day_of_each_model_by_one_call(browser, double, model):
    double.add_model("heart")
    double.add_model("idle", champion=None)
    model.windows = [hour(1, 40, **measures(2.5, alarm=True))]
    double.requests.clear()
    shown = browser.get("/").text
    assert [path for _, path, _ in double.requests if "windows" in path] == ["/monitoring/windows"]
    assert shown.count('aria-label="40 predictions in a day, 40 in the busiest hour"') == 2
    assert 'href="/models/heart/monitor#drift">age</a>' in shown
    assert "4.5 ms" in shown
    assert 'hx-get="/failed-calls"' in shown


def test_home_stands_where_monitoring_is_away(browser, double, model):
    double.answers["GET", "/monitoring/windows"] = httpx.Response(503, text="away")
    answer = browser.get("/")
    assert answer.status_code == 200
    assert 'href="/models/titanic"' in answer.text
    assert "not known" in words(answer.text)
    model.windows = []
    del double.answers["GET", "/monitoring/windows"]
    assert "nobody asked" in words(browser.get("/").text)


def called(model, status):
    path, route = f"/models/{model}/predict", "/models/{model}/predict"
    return line(function="prediction", method="POST", path=path, route=route, status=status)


def test_which_calls_failed_is_told_beside_the_page(fragments, double):
    assert "No call failed or was refused in a day" in fragments.get("/failed-calls").text
    double.house.lines = [called("<m>", 500), called("<m>", 422), called("iris", 503)]
    text = fragments.get("/failed-calls").text
    said = "In a day &lt;m&gt;: 1 call failed, 1 refused, iris: 1 call failed, 0 refused."
    assert said in " ".join(text.split())
    assert 'href="/activity?function=prediction&amp;status=5xx"' in text
