"""Windows compared by their rows, and with windows like them; as callers see it."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from functions.kit.adapters.manual_clock import START
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.reference import (
    ColumnReference,
    Reference,
    numbers_of,
    words_of,
)
from functions.kit.contract.models.registration import ModelFile
from functions.kit.contract.telemetry.predictions import Event, Output
from functions.monitoring.model.drift.reasons import NOW_ROWS, THEN_ROWS
from functions.monitoring.model.logged import Life
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.drift.comparing import NOT_KEPT
from tests.support.in_memory.monitoring import House, event

OF = Monitored(Place("w", "titanic"), 1)
FIRST = int(START.timestamp()) // 60
DAY = 24 * 3600.0
ROWS = 1_000
Draw = Callable[[np.random.Generator, int], dict[str, Any]]


def usual(chance: np.random.Generator, rows: int, sign: float = 1.0) -> dict[str, Any]:
    """Return ages and fares that go together, and towns."""
    age, noise = chance.normal(size=(2, rows))
    return {
        "age": age.tolist(),
        "fare": (sign * 0.8 * age + 0.6 * noise).tolist(),
        "town": chance.choice(["x", "y"], rows).tolist(),
    }


def turned(chance: np.random.Generator, rows: int) -> dict[str, Any]:
    """Return likewise, but that who is older pays less."""
    return usual(chance, rows, -1.0)


def refer(house: House, *, sample: bool = True, hidden: str = "") -> None:
    """Give the version a reference of usual rows."""
    rows = usual(np.random.default_rng(1), ROWS)
    columns = [
        ColumnReference(name, "number", ROWS, 0, numbers_of(np.array(rows[name])))
        for name in ("age", "fare")
    ]
    halves = [rows["town"].count("x"), rows["town"].count("y")]
    columns.append(ColumnReference("town", "category", ROWS, 0, None, words_of(["x", "y"], halves)))
    kept = {name: values for name, values in rows.items() if name != hidden}
    found = Reference(
        ROWS,
        columns,
        words_of(["yes"], [ROWS]),
        None,
        kept if sample else {},
    )
    path, data = "models/titanic/reference.json", found.to_bytes()
    house.bucket.write(path, data, "application/json")
    house.references[OF] = ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))


def told(first: int, rows: dict[str, Any], second: float = 0.0) -> list[Event]:
    """Return the predictions of some rows."""
    records = [dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)]
    return [
        event(first + place, second, output=Output("yes", 0.75), uid="first", **record)
        for place, record in enumerate(records)
    ]


def window(house: House, span: str) -> dict[str, Any]:
    """Return the measures of the newest window."""
    found: dict[str, Any] = house.shown(span)[-1]["measures"]
    return found


def by_age(record: Any) -> dict[str, float]:
    """Explain by the age alone."""
    return {"age": record["age"], "fare": 0.01, "town": 0.0}


def by_fare(record: Any) -> dict[str, float]:
    """Explain by the fare alone."""
    return {"age": 0.01, "fare": record["fare"], "town": 0.0}


@pytest.mark.parametrize("span", ["hour", "day"])
def test_columns_that_go_together_in_another_way_are_named(span: str) -> None:
    found = {}
    for name, draw in (("usual", usual), ("turned", turned)):
        house = House()
        refer(house)
        house.tell(told(0, draw(np.random.default_rng(2), 300)))
        house.deliver()
        found[name] = window(house, span)
        assert "drift:together" not in window(house, "minute")
    assert found["usual"]["drift"].get("alarm", False) is False
    assert (found["turned"]["drift"]["alarm"], found["turned"]["drift"]["why"]) == (
        True,
        "together",
    )
    reading = found["turned"]["drift:together"]
    assert (reading["why"], reading["statistic"], reading["rows"]) == (
        "age, fare",
        "correlation",
        300,
    )
    assert reading["value"] == pytest.approx(1.6, abs=0.15)


def test_of_few_rows_it_is_not_told_how_columns_go_together() -> None:
    house = House()
    refer(house)
    house.tell(told(0, turned(np.random.default_rng(2), 199)))
    house.deliver()
    assert "drift:together" not in window(house, "hour")
    assert window(house, "hour")["drift"]["value"] > 0


def test_what_columns_do_is_told_of_days_and_the_same_whenever_it_is_asked() -> None:
    house = House()
    refer(house)
    house.explainer.effects = by_age
    house.tell(told(0, usual(np.random.default_rng(2), 300)))
    house.deliver()
    assert "drift:explanations" not in window(house, "hour")
    day = window(house, "day")
    assert day["drift:explanations"].get("alarm", False) is False
    assert day["drift:explanations"]["rows"] == NOW_ROWS
    assert day["explains:age"]["value"] == pytest.approx(0.8, abs=0.2)
    assert house.explainer.asked == THEN_ROWS + NOW_ROWS
    path = f"/models/titanic/windows/{house.shown('day')[-1]['id']}/columns/explanations"
    status, view = house.ask("GET", path)
    assert (status, view["now_rows"], view["why"]) == (200, NOW_ROWS, "")
    assert [one["value"] for one in view["words"]] == ["age", "fare", "town"]
    assert sum(one["now"] for one in view["words"]) == pytest.approx(1)
    other = House(beside=house)  # remembers nothing
    other.explainer.effects = by_age
    other.clock.advance(60)
    other.tell(told(0, usual(np.random.default_rng(2), 300)))
    other.deliver()
    assert window(other, "day") == day


def test_reasons_that_drift_alarm_and_the_column_is_named() -> None:
    house = House()
    refer(house)
    house.explainer.effects = by_age
    house.tell(told(0, usual(np.random.default_rng(2), 300)))
    house.deliver()
    house.explainer.effects = by_fare  # as if the rows lay where the model looks at that
    house.clock.advance(DAY)
    house.tell(told(500, usual(np.random.default_rng(3), 300), DAY))
    house.deliver()
    day = window(house, "day")
    assert (day["drift"]["alarm"], day["drift"]["why"]) == (True, "explanations")
    assert day["drift:explanations"]["statistic"] == "reasons"
    assert day["drift:explanations"]["why"] in {"age", "fare"}
    assert day["drift:explanations"]["value"] > 0.9


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({"sample": False}, NOT_KEPT),
        ({"hidden": "fare"}, "The values of sensitive columns are not kept: fare."),
        ({}, "prediction does not answer."),
    ],
)
def test_why_reasons_are_not_known_is_said_and_the_rest_is_measured(
    kept: dict[str, Any], why: str
) -> None:
    house = House()
    refer(house, **kept)
    house.tell(told(0, usual(np.random.default_rng(2), 300)))
    house.deliver()
    day = window(house, "day")
    assert day["drift:explanations"] == {"why": why}
    assert day["drift"]["value"] > 0
    path = f"/models/titanic/windows/{house.shown('day')[-1]['id']}/columns"
    assert house.ask("GET", f"{path}/explanations")[1]["why"] == why
    said = house.ask("GET", f"{path}/together")[1]["why"]
    assert said.startswith("What has changed most surely" if not kept else "")


def test_rows_that_say_nothing_are_told_of() -> None:
    house = House()
    refer(house)
    house.explainer.effects = lambda _: {"age": 0.0}
    for place, value in enumerate((None, 5.0)):
        rows = {"age": [value] * 300, "fare": [value] * 300, "town": [None] * 300}
        house.clock.advance(DAY)
        house.tell(told(1000 * place, rows, DAY * (place + 1)))
        house.deliver()
        day = window(house, "day")
        assert day["drift"]["alarm"] is True
        assert day["drift:explanations"].get("alarm", False) is False
        assert "drift:together" not in day


def choose(house: House, what: str, who: str = "ann", model: str = "titanic") -> tuple[int, Any]:
    """Have windows compared with something."""
    return house.ask("PUT", f"/models/{model}/comparison", who, json={"compare_with": what})


def test_what_windows_are_compared_with_is_the_model_s() -> None:
    house = House()
    path = "/models/titanic/comparison"
    assert house.ask("GET", path) == (200, {"compare_with": "training"})
    assert choose(house, "season") == (200, {"compare_with": "season"})
    assert house.ask("GET", path) == (200, {"compare_with": "season"})
    assert choose(house, "weather")[0] == 422
    assert choose(house, "season", "eve")[0] == 404
    assert house.ask("GET", "/models/iris/comparison") == (200, {"compare_with": "training"})
    assert choose(house, "season", model="nothing")[0] == 404
    house.models.lives[OF.model] = Life("second", 0)
    assert house.ask("GET", path) == (200, {"compare_with": "training"})


def weekend(chance: np.random.Generator, rows: int) -> dict[str, Any]:
    """Return rows of a weekend: older people, who pay less, from another town."""
    found = turned(chance, rows)
    return found | {"age": [one + 1 for one in found["age"]], "town": ["y"] * rows}


def test_a_weekend_is_compared_with_weekends_where_there_are_enough() -> None:
    house = House()
    refer(house)
    house.explainer.effects = by_age
    assert choose(house, "season")[0] == 200
    alarms, compared = [], []
    for week in range(4):
        house.tell(told(10_000 * week, weekend(np.random.default_rng(week), 400), 7 * DAY * week))
        house.deliver()
        for span in ("hour", "day"):
            found = window(house, span)
            alarms.append(found["drift"].get("alarm", False))
            compared.append(found.get("season", {}).get("value"))
        house.clock.advance(7 * DAY)
    assert compared == [None] * 6 + [3.0] * 2
    assert alarms == [True] * 6 + [False] * 2
    house.tell(told(90_000, usual(np.random.default_rng(9), 400), 28 * DAY))
    house.deliver()
    hour = window(house, "hour")
    assert (hour["drift"]["alarm"], hour["season"]["value"]) == (True, 4.0)
    assert {"age", "town", "together"} <= {*hour["drift"]["why"].split(", ")}
    assert choose(house, "training")[0] == 200
    house.clock.advance(60)
    house.tell(told(95_000, usual(np.random.default_rng(10), 400), 28 * DAY))
    house.deliver()
    hour = window(house, "hour")
    assert (hour["drift"].get("alarm", False), "season" in hour) == (False, False)
