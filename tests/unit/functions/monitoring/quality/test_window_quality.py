"""Windows have quality: as labels come, late ones too, and as estimated before them."""

from typing import Any

import msgspec
import numpy as np

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.measures.expectation.chances import learn_chances
from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.parts import Where
from functions.kit.contract.models.signature import Certainty, Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.kit.contract.telemetry.predictions import Event, Output
from functions.monitoring.model.alerts import rules
from functions.monitoring.model.quality.known import Known, Slice
from functions.monitoring.model.windows.window import Monitored
from tests.support.in_memory.alert_house import RULE
from tests.support.in_memory.monitoring import PEOPLE, House, event, id_of

OF = Monitored(Place("w", "titanic"), 1)
CERTAINTY = Certainty([0.9], scores=[[0.8, 0.8]])
SIGNATURE = Signature(
    "binary",
    "y",
    [Column("age", "number"), Column("town", "category"), Column("name", "text", sensitive=True)],
    [
        Feature("age", "age", "double"),
        Feature("town", "town", "string"),
        Feature("name", "name", "string"),
    ],
    labels=["no", "yes"],
    certainty=CERTAINTY,
)
REST = 60.0


def draw(seed: int, count: int) -> tuple[list[float], list[str]]:
    """Return chances of "yes", and what is true."""
    random = np.random.default_rng(seed)
    chances = 1 / (1 + np.exp(-random.normal(0, 1.5, count)))
    truth = np.where(random.random(count) < chances, "yes", "no")
    return chances.tolist(), truth.tolist()


def learnt() -> Expectation:
    """Return what training would keep of such chances."""
    chances, truth = draw(99, 3_000)
    last = np.array(chances)
    told = np.stack([1 - last, last], axis=1)
    return Expectation(learn_chances((np.array(truth) == "yes").astype(np.int64), told))


def events(chances: list[float], second: float = 0.0, first: int = 0) -> list[Event]:
    """Return events of predictions with these chances."""
    return [
        event(
            first + number,
            second,
            output=Output("yes" if one > 0.5 else "no", one, {"no": 1 - one, "yes": one}),
            age=20.0 + number % 40,
            town="xy"[number % 2],
            name="hashed",
        )
        for number, one in enumerate(chances)
    ]


def labels(truth: list[str], second: float = 0.0, first: int = 0) -> list[dict[str, str]]:
    """Return labels of such events."""
    return [{"id": id_of(first + place, second), "label": one} for place, one in enumerate(truth)]


def opened(known: Known | None = None) -> House:
    """Return a house that knows the version."""
    house = House()
    slices = (Slice("town", "'x'", Where("word", word="x")),)
    house.versions.there[OF] = known or Known(SIGNATURE, {}, slices, learnt())
    return house


def summed(house: House) -> dict[str, Any]:
    """Return the measures of the newest hour, once what is due is done."""
    house.clock.advance(REST)
    house.ask("POST", "/steps/overdue", headers={})
    house.deliver()
    found: dict[str, Any] = house.shown("hour")[-1]["measures"]
    return found


def shown(house: House, who: str = "ann") -> Any:
    """Return the newest hour's quality in full."""
    window = house.shown("hour")[-1]["id"]
    status, found = house.ask("GET", f"/models/titanic/windows/{window}/quality", who)
    assert status == 200, found
    return found


def test_a_window_is_estimated_before_its_labels_and_measured_after_them() -> None:
    house, (chances, truth) = opened(), draw(1, 1_500)
    house.tell(events(chances))
    before = summed(house)
    assert "quality:accuracy" not in before
    house.label(labels(truth))
    after = summed(house)
    estimated, true = before["estimated:accuracy"], after["quality:accuracy"]
    said = ["yes" if one > 0.5 else "no" for one in chances]
    share = sum(one == other for one, other in zip(said, truth, strict=True)) / 1_500
    assert true["value"] == share
    assert true["rows"] == 1_500
    assert estimated["low"] < share < estimated["high"]
    assert after["coverage"]["value"] == after["coverage:0.9"]["value"] >= 0.85
    assert not after["concept"].get("alarm")
    assert after["slice:town 'x'"]["rows"] == 750


def test_a_rule_may_look_at_whatever_is_measured() -> None:
    house, (chances, truth) = opened(), draw(2, 400)
    house.tell(events(chances))
    house.label(labels(truth))
    found = summed(house)
    assert {one.partition(":")[0] for one in found} > {"quality", "estimate_off", "concept"}
    for measure in found:
        rules.check(msgspec.convert(RULE | {"measure": measure}, rules.RuleSpec))


def test_late_labels_correct_a_window_as_if_they_had_come_in_time() -> None:
    late, timely, (chances, truth) = opened(), opened(), draw(2, 300)
    late.tell(events(chances))
    summed(late)
    late.label(labels(["no"] * 300))
    summed(late)
    late.clock.advance(3_600 * 5)
    late.label(labels(truth))
    timely.tell(events(chances))
    timely.label(labels(truth))
    summed(late), summed(timely)
    [one, other] = [house.shown("hour")[0]["measures"] for house in (late, timely)]
    assert one == other
    assert one["quality:accuracy"]["rows"] == 300


def test_labels_that_disagree_are_told_of_and_stand_for_the_next_window() -> None:
    house, (chances, truth) = opened(), draw(3, 400)
    turned = ["no" if one == "yes" else "yes" for one in truth]
    house.tell(events(chances))
    house.label(labels(turned))
    first = summed(house)
    assert first["concept"]["alarm"]
    assert first["estimated:accuracy"]["why"].startswith("cannot tell: 400 labels give")
    house.clock.advance(3_600)
    house.tell(events(chances, 3_700, first=1_000))
    second = summed(house)
    assert second["estimated:accuracy"]["why"].startswith("cannot tell: the last window")
    status, record = house.ask("GET", "/models/titanic/estimates?span=hour&last=10")
    assert status == 200
    assert (record["windows"], record["disagreed"], record["version"]) == (2, 1, 1)
    assert record["metrics"]["accuracy"]["off"] > 0.3


def test_quality_in_full_has_every_measure_of_each_slice() -> None:
    house, (chances, truth) = opened(), draw(4, 600)
    house.tell(events(chances))
    house.label([*labels(truth[:300]), {"id": id_of(400), "label": "perhaps"}])
    summed(house)
    found = shown(house)
    assert (found["rows"], found["labelled"]) == (600, 300)
    assert found["why"] == ["1 labels are none that this version knows; they are left out"]
    assert {"accuracy", "f1", "roc_auc", "log_loss", "brier", "ece", "mcc"} <= {*found["true"]}
    [part] = found["slices"]
    assert (part["rows"], part["labelled"]) == (300, 150)
    assert {*part["true"]} == {*found["true"]}
    assert 0 < part["estimated"]["accuracy"]["low"] < part["estimated"]["accuracy"]["high"] < 1
    assert found["coverage"][0]["level"] == 0.9


def test_a_version_that_training_kept_nothing_of_learns_from_the_labels_before() -> None:
    house, (chances, truth) = opened(Known(SIGNATURE)), draw(5, 500)
    house.tell(events(chances))
    house.label(labels(truth))
    assert not [name for name in summed(house) if name.startswith("estimated:")]
    assert "nothing is known of how sure" in shown(house)["why"][-1]
    house.clock.advance(3_600)
    house.tell(events(chances, 3_700, first=1_000))
    found = summed(house)
    assert abs(found["estimated:accuracy"]["value"] - 0.75) < 0.08


def test_others_hear_nothing_of_it_and_what_is_not_there_is_not_found() -> None:
    house, (chances, _) = opened(), draw(6, 20)
    house.tell(events(chances))
    summed(house)
    window = house.shown("hour")[-1]["id"]
    path = f"/models/titanic/windows/{window}/quality"
    assert {"ann", "vera", "eve", "other"} <= {*PEOPLE}
    whole = "/models/titanic"
    windows = [f"{whole}/windows", f"{whole}/series?measure=calls", f"{whole}/estimates"]
    for one in (path, *windows, f"{whole}/windows/{window}/columns/prediction"):
        statuses = {who: house.ask("GET", one, who)[0] for who in ("vera", "one", "eve", "other")}
        assert statuses == {"vera": 200, "one": 200, "eve": 404, "other": 404}, one
    assert house.ask("GET", "/models/titanic/windows/hour-1/quality")[0] == 404
    assert house.ask("GET", "/models/titanic/windows/nonsense/quality")[0] == 404
    assert house.ask("GET", f"{path}?version=7")[0] == 404
    house.versions.there.clear()
    assert house.ask("GET", path)[0] == 404
