"""Rules are documents: made, changed on condition, refused with each flaw."""

from typing import Any

import msgspec
import pytest

from functions.kit.contract.errors import Invalid
from functions.kit.contract.models.traffic import MOST_SHARES
from functions.monitoring.model.alerts import rules
from functions.monitoring.model.alerts.conditions import Outside, Training, Worse
from functions.monitoring.model.alerts.rules import MOST_RULES, RuleSpec
from functions.monitoring.model.windows.measures import Point
from tests.support.in_memory.alert_house import HOUR, MAIL, RULE, AlertHouse, model
from tests.support.in_memory.alert_house import TITANIC as T
from web.pages.monitoring.rules import PLAIN

RULES = "/models/titanic/rules"


def spec(**fields: Any) -> RuleSpec:
    return msgspec.convert(RULE | fields, RuleSpec)


@pytest.mark.parametrize(
    "measure",
    [
        *("drift", "drift:age", "drift:prediction", "missing:a:b", "new_words:town", "coverage"),
        *("calls", "age", "p99", "quality:roc_auc", "estimated:accuracy", "mistyped:x"),
        *("concept", "estimate_off:mae", "coverage:0.9", "slice:town Rome", "psi:age"),
        "probability:prediction",
    ],
)
def test_measures_that_there_are(measure: str) -> None:
    rules.check(spec(measure=measure))


@pytest.mark.parametrize("measure", PLAIN)
def test_what_the_page_offers_can_be_looked_at(measure: str) -> None:
    rules.check(spec(measure=measure))


@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ({"measure": "speed"}, "measure", "no measure; there are"),
        ({"measure": "missing"}, "measure", "no measure; there are"),
        ({"measure": "p95:age"}, "measure", "no measure; there are"),
        ({"measure": "quality:speed"}, "measure", "no metric of ours; there are accuracy"),
        ({"measure": "calls", "span": "count"}, "span", "Expected a span by time"),
        ({"condition": {"when": "worse", "margin": 0.1}}, "condition", "compares with training"),
        ({"condition": {"when": "outside", "low": 2, "high": 1}}, "condition", "got 2 and 1"),
        ({"channels": ["a", "a"]}, "channels", "Expected each channel once"),
        ({"silenced_until": "2026-01-31T12:00:00"}, "silenced_until", "with its offset"),
    ],
)
def test_what_cannot_be_is_named(fields: dict[str, Any], column: str, reason: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check(spec(**fields))
    [flaw] = caught.value.flaws
    assert flaw.column == column
    assert reason in flaw.reason
    assert caught.value.detail.startswith(f"The rule was refused: field '{column}'")


SHARES = {str(version): 1 for version in range(1, MOST_SHARES + 2)}


@pytest.mark.parametrize(
    ("body", "column"),
    [
        ({"condition": {"when": "above"}}, "condition.value"),
        ({"condition": {"when": "sideways"}}, "condition.when"),
        ({"for_windows": 0}, "for_windows"),
        ({"acts": [{"do": "retrain", "speed": 1}]}, "acts[0].speed"),
        ({"acts": [{"do": "switch", "shares": {"x": 1}}]}, "acts[0].shares"),
        ({"acts": [{"do": "switch", "shares": SHARES}]}, "acts[0].shares"),
        ({"acts": [{"do": "promote", "measure": "x" * 101}]}, "acts[0].measure"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_body_that_is_no_rule_is_refused(body: dict[str, Any], column: str) -> None:
    status, problem = AlertHouse().ask("POST", RULES, json=RULE | body)
    assert status == 422
    assert column in [one["column"] for one in problem["errors"]] or column in str(problem)


def test_a_rule_is_made_shown_changed_and_removed_on_condition() -> None:
    house = AlertHouse()
    ident = house.rule()
    path = f"{RULES}/{ident}"
    status, found = house.ask("GET", path)
    assert (status, found["name"], found["revision"], found["by"]) == (200, "Slow", 1, "ann")
    assert found["state"]["status"] == "ok"
    other = RULE | {"name": "Slower"}
    assert house.ask("PUT", path, json=other, headers={"If-Match": '"7"'})[0] == 412
    assert house.ask("PUT", path, json=other, headers={"If-Match": '"1"'})[1]["revision"] == 2
    assert [one["name"] for one in house.ask("GET", RULES)[1]["items"]] == ["Slower"]
    assert house.ask("DELETE", path, headers={"If-Match": '"1"'})[0] == 412
    assert house.ask("DELETE", path, headers={"If-Match": '"2"'})[0] == 204
    assert house.ask("GET", path)[0] == 404


def test_a_repeated_request_makes_one_rule() -> None:
    house = AlertHouse()
    headers = {"Idempotency-Key": "k"}
    first, again = (house.ask("POST", RULES, json=RULE, headers=headers) for _ in range(2))
    assert first == again
    other = house.ask("POST", RULES, json=RULE | {"name": "Other"}, headers=headers)
    assert other[0] == 409
    assert len(house.ask("GET", RULES)[1]["items"]) == 1


def test_a_model_has_so_many_rules_at_most() -> None:
    house = AlertHouse()
    for _ in range(MOST_RULES):
        house.rule()
    status, problem = house.ask("POST", RULES, json=RULE)
    assert (status, problem["detail"]) == (
        409,
        "The model 'titanic' has 100 rules, the most it may.",
    )


def test_a_channel_that_is_not_there_is_named() -> None:
    status, problem = AlertHouse().ask("POST", RULES, json=RULE | {"channels": ["ops"]})
    assert status == 422
    assert problem["errors"] == [
        {"reason": "there is no such channel", "column": "channels", "value": "ops"}
    ]


@pytest.mark.parametrize(
    ("method", "path", "who", "status"),
    [
        ("GET", RULES, "eve", 404),
        ("POST", RULES, "eve", 404),
        ("GET", RULES, "other", 404),
        ("POST", RULES, "vera", 403),
        ("GET", RULES, "vera", 200),
        ("GET", "/models/nobody/rules", "ann", 404),
        ("GET", f"{RULES}/none", "ann", 404),
        ("POST", f"{RULES}/none/test", "ann", 404),
        ("GET", "/channels", "one", 403),
        ("POST", "/channels", "vera", 403),
        ("GET", "/channels/none", "ann", 404),
        ("GET", "/notices/none", "ann", 404),
        ("GET", "/alerts/none", "ann", 404),
        ("POST", "/alerts/none/acknowledge", "vera", 403),
    ],
)
def test_who_may_do_what(method: str, path: str, who: str, status: int) -> None:
    body = MAIL if path == "/channels" else RULE
    assert AlertHouse().ask(method, path, who, json=body)[0] == status


def test_a_model_gets_sensible_rules_with_its_first_predictions() -> None:
    house = AlertHouse()
    assert house.ask("GET", RULES)[1]["items"] == []
    house.look()
    found = {one["id"]: one for one in house.ask("GET", RULES)[1]["items"]}
    assert set(found) == {"drift", "errors", "estimated", "latency", "quality", "traffic"}
    assert found["estimated"]["measure"] == "estimated:accuracy"
    assert found["drift"]["for_windows"] == 3
    assert {one["by"] for one in found.values()} == {"monitoring"}
    for one in found.values():
        rules.check(msgspec.convert({n: one[n] for n in RuleSpec.__struct_fields__}, RuleSpec))
    assert house.ask("DELETE", f"{RULES}/drift")[0] == 204
    house.clock.advance(60)
    house.look()
    assert len(house.ask("GET", RULES)[1]["items"]) == 5  # what was removed stays so


def test_rules_that_were_made_before_stay_beside_those_that_come() -> None:
    house = AlertHouse()
    ident = house.rule()
    house.deliver()
    house.wait(2 * HOUR)
    assert len(house.ask("GET", RULES)[1]["items"]) == 1  # nobody has asked yet
    house.measure(200)
    house.look()
    assert len(house.ask("GET", RULES)[1]["items"]) == 7
    assert house.state(ident) == "firing"


def test_a_regression_has_rules_of_its_own() -> None:
    house = AlertHouse()
    house.registered.models[T] = model("titanic", task="regression")
    house.look()
    found = {one["id"]: one for one in house.ask("GET", RULES)[1]["items"]}
    assert found["estimated"]["measure"] == "estimated:mae"
    assert found["estimated"]["condition"] == {"when": "worse", "margin": 0.2, "relative": True}


def test_a_rule_that_looks_at_something_else_begins_anew_and_its_alert_ends() -> None:
    house = AlertHouse()
    house.made("/channels", MAIL)
    ident = house.rule()
    house.measure(200)
    house.look()
    assert house.state(ident) == "firing"
    house.ask("PUT", f"{RULES}/{ident}", json=RULE | {"name": "Still slow"})
    assert house.state(ident) == "firing"  # another name changes nothing
    house.ask("PUT", f"{RULES}/{ident}", json=RULE | {"span": "hour"})
    house.deliver()
    assert house.state(ident) == "ok"
    [alert] = house.alerts()
    assert (alert["state"], alert["why_resolved"]) == ("resolved", "the rule was changed")
    assert house.inbox.said == [[("Slow", "firing")], [("Still slow", "resolved")]]


def point(value: float | None, low: float | None = None, high: float | None = None) -> Point:
    now = AlertHouse().clock.now()
    return Point(now, now + HOUR, 9, value, low, high, alarm=False)


@pytest.mark.parametrize(
    ("condition", "found", "training", "is_broken"),
    [
        (Outside(), point(3, 1, 2), None, True),
        (Outside(), point(1.5, 1, 2), None, False),
        (Outside(), point(3), None, None),
        (Outside(low=1), point(0.5), None, True),
        (Worse(0.05), point(0.84), Training(0.9, 1), True),
        (Worse(0.05), point(0.86), Training(0.9, 1), False),
        (Worse(0.05), point(0.99), Training(0.9, 1), False),
        (Worse(0.2, relative=True), point(1.3), Training(1.0, -1), True),
        (Worse(0.2, relative=True), point(1.1), Training(1.0, -1), False),
        (Worse(0.05), point(0.5), None, None),
        (Worse(0.05), point(None), Training(0.9, 1), None),
    ],
)
def test_bands_and_training(
    condition: Any, found: Point, training: Training | None, is_broken: bool | None
) -> None:
    assert condition.is_broken(found, training) is is_broken
