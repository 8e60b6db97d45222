"""What columns do for predictions, then and now: what is seen, and what is not made up."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.drift.comparing import Q
from functions.monitoring.model.drift.reasons import (
    LEAST_ROWS,
    NOW_ROWS,
    THEN_ROWS,
    Contributions,
    kolmogorov_smirnov,
    reasons,
)
from functions.monitoring.model.drift.sampled import Sampled
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.drift.explaining import Explaining

OF = Monitored(Place("w", "titanic"), 1)


def drawn(rows: int, seed: int, **sizes: float) -> list[dict[str, float]]:
    """Return contributions about 0, as large as that."""
    chance = np.random.default_rng(seed)
    values = {name: chance.normal(0, size, rows).tolist() for name, size in sizes.items()}
    return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]


def test_reasons_that_move_to_another_column_are_found_and_it_is_named() -> None:
    then = drawn(THEN_ROWS, 1, age=0.2, fare=0.1, sex=0.3)
    found = reasons(then, drawn(NOW_ROWS, 2, age=0.2, fare=0.8, sex=0.3))
    assert found is not None
    assert found.drift.about == ["fare"]
    assert (found.drift.values.is_much, found.drift.p < Q / 100) == (True, True)
    assert (found.drift.statistic, found.drift.psi, found.rows) == ("reasons", None, NOW_ROWS)
    fare, age = found.readings["explains:fare"], found.readings["explains:age"]
    assert None not in (fare.value, fare.low, fare.high, age.value, age.low, age.high)
    assert (fare.value or 0) > (fare.high or 0) > (fare.low or 0)
    assert (age.low or 0) < (age.value or 0) < (age.high or 0)
    assert found.drift.values.value == pytest.approx(0.4, abs=0.1)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ([], []),
        ([{"a": 1.0}] * (LEAST_ROWS - 1), [{"a": 1.0}] * 99),
        ([{"a": 1.0}] * 99, [{"a": 1.0}] * (LEAST_ROWS - 1)),
    ],
)
def test_few_rows_are_not_compared(then: Any, now: Any) -> None:
    assert reasons(then, now) is None


@pytest.mark.parametrize(
    ("then", "now", "p", "distance"),
    [
        ({}, {}, 1.0, 0.0),
        ({"a": 0.0}, {"a": 0.0}, 1.0, 0.0),
        ({"a": 1.0}, {"a": 1.0}, 1.0, 0.0),
        ({"a": 1.0}, {"a": -1.0}, 1.0, 0.0),
        ({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}, 0.0, 1.0),
        ({"a": 1.0}, {"b": 1.0}, 0.0, 1.0),
        ({"a": 0.0}, {"a": 1.0}, 0.0, 0.5),
    ],
)
def test_reasons_that_are_all_alike(then: Any, now: Any, p: float, distance: float) -> None:
    found = reasons([then] * 100, [now] * 50)
    assert found is not None
    assert found.drift.p == pytest.approx(p, abs=1e-9)
    assert found.drift.values.value == pytest.approx(distance)


_ROWS = st.lists(
    st.dictionaries(st.sampled_from("abc"), st.floats(-1e300, 1e300)), min_size=20, max_size=40
)


@given(_ROWS, _ROWS)
def test_any_reasons_are_told_of(then: Any, now: Any) -> None:
    found = reasons(then, now)
    assert found is not None
    assert 0 <= found.drift.p <= 1
    for one in found.readings.values():
        assert one.p is not None
        assert 0 <= one.p <= 1


def test_nothing_is_made_up_more_often_than_it_says() -> None:
    sizes = {f"c{place}": 0.1 + place / 10 for place in range(10)}
    ps = [
        found.drift.p
        for seed in range(300)
        for found in [
            reasons(drawn(THEN_ROWS, 2 * seed, **sizes), drawn(NOW_ROWS, 2 * seed + 1, **sizes))
        ]
        if found is not None
    ]
    assert np.mean(np.array(ps) <= 0.05) <= 0.06


def test_samples_that_are_the_same_are_no_way_apart() -> None:
    assert kolmogorov_smirnov(np.arange(9.0), np.arange(9.0)) == 1.0
    assert kolmogorov_smirnov(np.zeros(50), np.ones(50)) < 1e-9


def test_a_prediction_is_explained_once() -> None:
    asked: list[Any] = []

    class Explains:
        def contributions(self, of: Monitored, records: Any) -> list[Contributions]:
            assert of.model == OF.model
            asked.extend(records)
            return [{"age": one["age"]} for one in records]

    explaining = Explaining(Explains())
    first = Sampled(["p1", "p2", "p3"], {"age": [1.0, 2.0, 3.0]})
    assert explaining.explain(OF, "", first, 2) == [{"age": 1.0}, {"age": 2.0}]
    more = Sampled(["p0", "p1", "p3"], {"age": [0.0, 1.0, 3.0]})
    assert explaining.explain(OF, "", more, 9) == [{"age": 0.0}, {"age": 1.0}, {"age": 3.0}]
    assert asked == [{"age": 1.0}, {"age": 2.0}, {"age": 0.0}, {"age": 3.0}]
    assert explaining.explain(OF, "another reference", first, 1) == [{"age": 1.0}]
    assert explaining.explain(OF._replace(version=2), "", first, 1) == [{"age": 1.0}]
    assert len(asked) == 6
