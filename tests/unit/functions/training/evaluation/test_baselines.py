"""What simpler models say of the held-out rows."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning import plan
from functions.training.learning.evaluation import baselines
from functions.training.learning.evaluation.metrics import measure
from functions.training.learning.plan import Plan
from functions.training.learning.table import Table
from functions.training.model.requests.spec import Split, TrainingSpec

ROWS = 200
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=place) for place in range(ROWS)]
BY_TIME = Split("time", "day")


def planned(columns: dict[str, tuple[Kind, list[Any]]], **wishes: Any) -> Plan:
    described = [Column(name, kind) for name, (kind, _) in columns.items()]
    values = {name: cells for name, (_, cells) in columns.items()}
    return plan.make(Table(described, values), TrainingSpec("y", folds=2, **wishes))


def walk(seed: int = 0) -> list[float]:
    return np.random.default_rng(seed).normal(size=ROWS).cumsum().round(3).tolist()


def test_a_linear_model_stands_beside_where_it_can_be_fitted() -> None:
    x = np.random.default_rng(0).normal(size=ROWS)
    made = planned({"x": ("number", x.tolist()), "y": ("number", (3 * x + 1).tolist())})
    found = baselines.others(made, seed=0)
    assert set(found) == {"linear"}
    assert measure("regression", made.held_out.target, found["linear"])["r2"] > 0.99
    words = ["yes" if one > 0 else "no" for one in x]
    made = planned({"x": ("number", x.tolist()), "y": ("category", words)})
    found = baselines.others(made, seed=0)
    assert measure("binary", made.held_out.target, found["linear"])["accuracy"] > 0.9
    assert (baselines.prior(made) == baselines.prior(made)[0]).all()


def test_what_cannot_be_fitted_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("did not converge")

    monkeypatch.setattr(baselines, "fit_model", broken)
    made = planned({"day": ("date", DAYS), "y": ("number", walk())}, split=BY_TIME)
    assert set(baselines.others(made, seed=0)) == {"previous"}


def test_yesterday_s_value_is_that_of_the_day_before() -> None:
    values = walk()
    order = np.random.default_rng(1).permutation(ROWS)
    columns: dict[str, tuple[Kind, list[Any]]] = {
        "day": ("date", [DAYS[place] for place in order]),
        "y": ("number", [values[place] for place in order]),
    }
    made = planned(columns, split=BY_TIME)
    yesterday = {values[place]: values[place - 1] for place in range(1, ROWS)}
    expected = [yesterday[one] for one in made.held_out.target]
    assert baselines.previous(made) == pytest.approx(expected)


def test_of_some_series_each_has_its_own_yesterday() -> None:
    shops = {name: walk(seed) for seed, name in enumerate("ab")}
    columns: dict[str, tuple[Kind, list[Any]]] = {
        "day": ("date", DAYS * 2),
        "shop": ("category", ["a"] * ROWS + ["b"] * ROWS),
        "y": ("number", shops["a"] + shops["b"]),
    }
    made = planned(columns, split=BY_TIME, roles={"shop": "group"})
    yesterday = {
        values[place]: values[place - 1] for values in shops.values() for place in range(1, ROWS)
    }
    expected = [yesterday[one] for one in made.held_out.target]
    assert baselines.previous(made) == pytest.approx(expected)
    together = baselines.previous(planned(columns, split=BY_TIME))
    day = dict(zip(shops["a"], range(ROWS), strict=True))
    mean = [(shops["a"][day[one] - 1] + shops["b"][day[one] - 1]) / 2 for one in shops["a"][-40:]]
    assert together[:40] == pytest.approx(mean)


def test_yesterday_s_class_tells_what_follows_on_it() -> None:
    """Two days of rain, two of sun: a class says as much of the next as it ever did."""
    words = [("rain", "rain", "sun", "sun", "fog")[place % 5] for place in range(ROWS)]
    made = planned({"day": ("date", DAYS), "y": ("category", words)}, split=BY_TIME)
    labels = made.signature.labels
    found = baselines.previous(made)
    assert found.sum(axis=1) == pytest.approx(1)
    after_fog = found[1:][made.held_out.target[:-1] == labels.index("fog")]
    assert (after_fog[:, labels.index("rain")] > 0.95).all()
    after_rain = found[1:][made.held_out.target[:-1] == labels.index("rain")]
    assert after_rain[:, labels.index("sun")] == pytest.approx(0.5, abs=0.03)


def test_rows_of_no_known_day_before_get_the_mean() -> None:
    days = [None, *DAYS[1:]]
    new = ["old"] * (ROWS - 1) + ["new"]
    columns: dict[str, tuple[Kind, list[Any]]] = {
        "day": ("date", days),
        "shop": ("category", new),
        "y": ("number", walk()),
    }
    made = planned(columns, split=BY_TIME, roles={"shop": "group"})
    assert baselines.previous(made)[-1] == pytest.approx(made.train.target.mean())
