"""What a rule does by itself: once, with its cause, and so that it can be taken back."""

from typing import Any

import pytest
from msgspec.structs import replace

from functions.kit.contract.errors import Away
from functions.kit.contract.steps import LEASE
from functions.monitoring.service.alerts.doing import FIRST_LOOK
from functions.monitoring.service.alerts.ports import JobNow
from tests.support.in_memory.alert_house import HOUR, IRIS, MINUTE, TITANIC, AlertHouse

RETRAIN, PROMOTE = {"do": "retrain"}, {"do": "promote", "margin": 0.01}
ROLLBACK = {"do": "rollback"}
SECOND = MINUTE / 60
SWITCH = {"do": "switch", "shares": {"1": 90, "2": 10}}


def fire(*acts: dict[str, Any], house: AlertHouse | None = None) -> AlertHouse:
    """Make a rule that acts, and have it fire."""
    house = house or AlertHouse()
    house.rule(acts=list(acts))
    house.measure(200)
    house.look()
    return house


def acts(house: AlertHouse) -> list[Any]:
    found: list[Any] = house.alerts()[0]["acts"]
    return found


def aliases(house: AlertHouse) -> dict[str, int]:
    return house.registered.models[TITANIC].aliases


def undo(house: AlertHouse, number: int = 0) -> tuple[int, Any]:
    alert = house.alerts()[0]["id"]
    return house.ask("POST", f"/alerts/{alert}/acts/{number}/undo")


def train(house: AlertHouse, state: str = "succeeded", version: int | None = 3) -> None:
    """End the training that was begun."""
    [job] = house.functions.states
    house.functions.states[job] = JobNow(state, version, None if version else "no rows")
    found = house.registered.models[TITANIC]
    house.registered.models[TITANIC] = replace(found, latest=version or 2)
    house.wait(MINUTE)


def test_it_retrains_and_promotes_what_came_of_it() -> None:
    house = fire(RETRAIN, PROMOTE)
    first, second = acts(house)
    assert (first["state"], second["state"]) == ("running", "waiting")
    slow = "milliseconds for 95 of 100 calls"
    found = f"{slow.capitalize()}: 200 ms"
    assert first["cause"] == f"Slow: {slow} above 100, over a minute. {found}"
    assert first["before"] == {"version": 1, "job": "job-1"}
    train(house)
    first, second = acts(house)
    assert (first["said"], second["said"]) == (
        "version 3 came of job again-1",
        "'champion' names version 3. Better on the same rows.",
    )
    assert aliases(house) == {"champion": 3}
    alert = house.alerts()[0]
    assert house.functions.causes == [f"alert-{alert['id']}-act-{place}" for place in (0, 1)]
    said = [one["what"] for one in alert["events"]]
    assert "retrain done: version 3 came of job again-1" in said
    assert "promote done: 'champion' names version 3. Better on the same rows." in said


def test_who_reads_an_alert_has_its_training_looked_at_when_it_is_time_to() -> None:
    house = fire(RETRAIN)
    [job] = house.functions.states
    house.functions.states[job] = JobNow("succeeded", 3, None)
    house.clock.advance(FIRST_LOOK.total_seconds())
    alert = house.alerts()[0]["id"]
    house.ask("GET", f"/alerts/{alert}")
    house.deliver()
    assert acts(house)[0]["state"] == "done"


def test_a_long_training_is_looked_at_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    house = fire(RETRAIN)
    looks = 0

    def job(*_: object) -> JobNow:
        nonlocal looks
        looks += 1
        return JobNow("running", None, None)

    monkeypatch.setattr(house.functions, "job", job)
    for most in (9, 4):
        looks = 0
        house.wait(MINUTE, SECOND)
        assert 2 <= looks <= most


def test_what_is_no_better_is_not_promoted() -> None:
    house = AlertHouse()
    house.functions.not_better = "Version 3 is not seen to be better."
    fire(RETRAIN, PROMOTE, house=house)
    train(house)
    assert acts(house)[1]["state"] == "declined"
    assert acts(house)[1]["said"] == "Version 3 is not seen to be better."
    assert aliases(house) == {"champion": 1}


def test_behind_what_was_not_done_nothing_is() -> None:
    house = fire(RETRAIN, PROMOTE)
    train(house, "failed", None)
    first, second = acts(house)
    assert (first["state"], second["state"]) == ("failed", "skipped")
    assert first["said"] == "training job again-1 failed: no rows"


@pytest.mark.parametrize("job", ["abc/cancel?x=", "../models/m", "job-iris"])
def test_it_trains_nothing_that_somebody_only_says_it_came_of(job: str) -> None:
    house = AlertHouse()
    house.functions.states["job-iris"] = JobNow("succeeded", 1, None, IRIS.name)
    made = house.registered.versions[TITANIC, 1]
    house.registered.versions[TITANIC, 1] = made._replace(job=job)
    fire(RETRAIN, house=house)
    assert (acts(house)[0]["state"], house.functions.causes) == ("failed", [])
    assert acts(house)[0]["said"].startswith("Version 1 of 'titanic' was not trained here")


def test_it_promotes_the_newest_version_where_nothing_was_trained() -> None:
    house = fire(PROMOTE)
    assert aliases(house) == {"champion": 2}
    assert undo(house)[1]["acts"][0]["state"] == "undone"
    assert aliases(house) == {"champion": 1}


def test_it_rolls_back_once() -> None:
    house = AlertHouse()
    house.functions.promote(TITANIC, "champion", 2, "ann")
    fire(ROLLBACK, house=house)
    assert aliases(house) == {"champion": 1}
    assert acts(house)[0]["before"] == {"version": 2, "to": 1, "revision": 2}
    alert = house.alerts()[0]["id"]
    for _ in range(3):
        house.run(f"/workspaces/w/alerts/{alert}/steps/act")
    assert house.registered.models[TITANIC].revision == 3


def test_there_may_be_nothing_to_go_back_to() -> None:
    house = fire(ROLLBACK)
    assert acts(house)[0]["said"] == "'champion' named nothing before"


def test_it_switches_traffic_and_back() -> None:
    house = fire(SWITCH)
    assert house.registered.models[TITANIC].traffic["champion"].shares == {1: 90, 2: 10}
    assert undo(house)[0] == 200
    assert house.registered.models[TITANIC].traffic == {}
    again = fire({"do": "switch"})
    assert acts(again)[0]["state"] == "declined"


def test_an_end_of_traffic_is_taken_back_to_what_there_was() -> None:
    house = AlertHouse()
    wanted = {"shares": {"1": 50, "2": 50}, "shadows": [], "reason": "ann's"}
    house.functions.share_out(TITANIC, "champion", wanted, 1, "ann")
    fire({"do": "switch"}, house=house)
    assert house.registered.models[TITANIC].traffic == {}
    assert undo(house)[0] == 200
    found = house.registered.models[TITANIC].traffic["champion"]
    assert (found.shares, found.reason) == ({1: 50, 2: 50}, "ann's")


def test_an_undo_does_not_undo_what_people_did_since() -> None:
    house = fire(PROMOTE)
    house.functions.promote(TITANIC, "champion", 7, "ann")
    status, problem = undo(house)
    assert (status, problem["detail"]) == (
        409,
        "'champion' names version 7 by now: it was changed since.",
    )
    assert aliases(house) == {"champion": 7}


def test_an_undo_is_done_once_and_in_order() -> None:
    house = fire(RETRAIN, PROMOTE)
    train(house)
    status, problem = undo(house, 0)
    assert (status, problem["detail"]) == (
        409,
        "An act after this one was done: take that back first.",
    )
    for _ in range(2):
        assert undo(house, 1)[0] == 200
    assert undo(house, 0)[0] == 200
    assert aliases(house) == {"champion": 1}
    assert house.registered.models[TITANIC].deleted == [3]
    assert [one["undone_by"] for one in acts(house)] == ["ann", "ann"]


def test_a_training_under_way_is_cancelled() -> None:
    house = fire(RETRAIN, PROMOTE)
    assert undo(house)[0] == 200
    assert house.functions.states["again-1"].state == "cancelled"
    house.wait(HOUR)
    assert [one["state"] for one in acts(house)] == ["undone", "skipped"]


@pytest.mark.parametrize(("number", "status"), [("7", 404), ("x", 404), ("0", 409)])
def test_what_cannot_be_undone(number: str, status: int) -> None:
    house = fire({"do": "rollback"})
    alert = house.alerts()[0]["id"]
    assert house.ask("POST", f"/alerts/{alert}/acts/{number}/undo")[0] == status


def test_an_undo_needs_the_right_to_write() -> None:
    house = fire(PROMOTE)
    alert = house.alerts()[0]["id"]
    assert house.ask("POST", f"/alerts/{alert}/acts/0/undo", "vera")[0] == 403
    assert house.ask("POST", f"/alerts/{alert}/acts/0/undo", "other")[0] == 404


def test_a_silenced_rule_does_nothing() -> None:
    house = AlertHouse()
    house.rule(acts=[PROMOTE], silenced_until="2027-01-01T00:00:00Z")
    house.measure(200)
    house.look()
    assert (acts(house), aliases(house)) == ([], {"champion": 1})


class Dying:
    """Stands for a thing, whose process dies at one of its calls, before or after it was made."""

    def __init__(self, inner: Any, plan: dict[str, Any]) -> None:
        self._inner, self._plan = inner, plan

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*given: Any, **more: Any) -> Any:
            self._plan["calls"] += 1
            at = self._plan["calls"] == self._plan["at"]
            if at and self._plan["before"]:
                raise KeyboardInterrupt
            done = found(*given, **more)
            if at:
                raise KeyboardInterrupt
            return done

        return call


def story(plan: dict[str, Any]) -> tuple[AlertHouse, bool]:
    """Play an alert with all acts while the process dies once; tell whether it did."""
    house = AlertHouse(lambda inner: Dying(inner, plan))
    plan["at"], at = 0, plan["at"]
    house.made("/channels", {"kind": "email", "to": ["ann@example.org"]})
    house.rule(acts=[RETRAIN, PROMOTE, SWITCH])
    plan["at"], plan["calls"] = at, 0
    died = False

    def play(do: Any) -> None:
        nonlocal died
        try:
            do()
        except KeyboardInterrupt:
            died = True
            house.queue.messages.clear()  # what the queue had is lost with it
            house.clock.advance(LEASE.total_seconds() + 1)

    house.measure(200)
    for _ in range(2):
        play(house.look)
    for _ in range(3):
        play(lambda: house.wait(MINUTE))
    if house.functions.states:
        train_quietly(house)
    for _ in range(8):
        play(lambda: house.wait(2 * MINUTE))
    return house, died


def train_quietly(house: AlertHouse) -> None:
    for job in house.functions.states:
        house.functions.states[job] = JobNow("succeeded", 3, None)
    found = house.registered.models[TITANIC]
    house.registered.models[TITANIC] = replace(found, latest=3)


@pytest.mark.parametrize("before", [True, False])
def test_whenever_a_process_dies_each_act_is_done_once(before: bool) -> None:
    deaths = 0
    for at in range(1, 200):
        house, died = story({"at": at, "calls": 0, "before": before})
        deaths += died
        [alert] = house.alerts()
        assert [one["state"] for one in alert["acts"]] == ["done"] * 3, f"death {at}: {alert}"
        assert len(house.functions.jobs) == 1, at
        found = house.registered.models[TITANIC]
        assert (found.aliases, found.traffic["champion"].shares) == (
            {"champion": 3},
            {1: 90, 2: 10},
        ), at
        assert found.revision == 3, at
        sent = {notice.id for _, notice in house.inbox.taken}
        assert len(sent) == 1, at
        assert len(house.inbox.taken) <= 2, at
        if not died:
            break
    assert deaths > 20


def test_a_function_that_is_away_is_asked_again() -> None:
    house = AlertHouse()
    asked = house.functions.promote
    answers = iter([Away("models does not answer."), Away("models does not answer."), None])

    def promote(*given: Any, **more: Any) -> Any:
        answer = next(answers)
        if answer is not None:
            raise answer
        return asked(*given, **more)

    house.functions.promote = promote  # type: ignore[method-assign]
    fire(PROMOTE, house=house)
    assert acts(house)[0]["state"] == "running"
    house.wait(HOUR)
    assert acts(house)[0]["state"] == "done"
