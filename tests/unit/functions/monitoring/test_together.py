"""How columns go together: what is found that no column shows alone, and what is not made up."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from functions.kit.contract.models.reference import (
    ColumnReference,
    Reference,
    numbers_of,
    words_of,
)
from functions.monitoring.model.drift.comparing import Compared, Q, drift_readings
from functions.monitoring.model.drift.sampled import Sampled, arrays, joined
from functions.monitoring.model.drift.together import NOTHING, Together, together
from functions.monitoring.model.windows.sums import Sum

Array = NDArray[Any]
ROWS = 400


def compared(then: dict[str, Any], now: dict[str, Any]) -> Together:
    """Compare values as a log has them: numbers, or words."""
    columns = [
        ColumnReference(name, "number", 1, 0, numbers_of(np.ones(1)))
        if all(one is None or isinstance(one, float) for one in values)
        else ColumnReference(name, "category", 1, 0, None, words_of(["a"], [1]))
        for name, values in then.items()
    ]
    samples = [Sampled([], {name: [*one] for name, one in some.items()}) for some in (then, now)]
    return together(columns, *(arrays(one, columns) for one in samples))


def flipped(kind: str, rho: float, rows: int, seed: int) -> dict[str, list[Any]]:
    """Return a table whose first two columns go together, each alike whatever `rho` is."""
    chance = np.random.default_rng(seed)
    x, noise = chance.normal(size=(2, rows))
    y = rho * x + math.sqrt(1 - rho**2) * noise
    others = {f"c{place}": chance.normal(size=rows).tolist() for place in range(6)}
    if kind == "numbers":
        first: dict[str, list[Any]] = {"x": x.tolist(), "y": np.exp(2 * y).tolist()}
    elif kind == "words":
        first = {
            "x": np.where(x > 0, "up", "down").tolist(),
            "y": np.array(["a", "b", "c"])[np.digitize(y, [-0.5, 0.5])].tolist(),
        }
    elif kind == "a word and a number":
        first = {"x": np.where(x > 0, "up", "down").tolist(), "y": y.tolist()}
    else:  # sizes: how far the one is from its middle goes with the other's sign
        first = {"x": (np.abs(noise) * np.where(chance.random(rows) < 0.5, -1, 1)).tolist()}
        first["y"] = ((np.abs(noise) - 0.8) * math.copysign(1, rho) + 0.3 * x).tolist()
    return first | others


KINDS = ["numbers", "words", "a word and a number"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [200, 1_000])
def test_a_correlation_that_changes_its_sign_is_found_and_the_pair_is_named(
    kind: str, rows: int
) -> None:
    found = compared(flipped(kind, 0.7, 1_000, 1), flipped(kind, -0.7, rows, 2))
    assert {*found.pair} == {"x", "y"}
    assert found.p < Q / 100
    assert found.drift.values.is_much
    same = compared(flipped(kind, 0.7, 1_000, 1), flipped(kind, 0.7, rows, 3))
    assert same.p > Q / 10


def test_a_curve_that_is_turned_is_found_where_no_correlation_is() -> None:
    found = compared(flipped("sizes", 1.0, 800, 1), flipped("sizes", -1.0, 800, 2))
    assert ({*found.pair}, found.p < 1e-6) == ({"x", "y"}, True)


def test_columns_that_drift_by_themselves_do_not_go_together_in_another_way() -> None:
    then, now = flipped("numbers", 0.7, 1_000, 1), flipped("numbers", 0.7, 1_000, 2)
    now["x"] = [3 * one + 50 for one in now["x"]]
    now["y"] = [math.log(one) ** 3 for one in now["y"]]
    now["c0"] = [None if place % 4 else one for place, one in enumerate(now["c0"])]
    assert compared(then, now).p > Q


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({}, {}),
        ({"x": [1.0] * ROWS}, {"x": [2.0] * ROWS}),
        ({"x": [1.0] * ROWS, "y": [2.0] * ROWS}, {"x": [1.0] * ROWS, "y": [2.0] * ROWS}),
        ({"x": [None] * ROWS, "y": [None] * ROWS}, {"x": [1.0] * ROWS, "y": [None] * ROWS}),
        ({"x": ["a"] * ROWS, "y": ["b"] * ROWS}, {"x": ["z"] * ROWS, "y": ["z"] * ROWS}),
        ({"x": [f"w{n}" for n in range(ROWS)], "y": ["a", "b"] * 200}, {"x": [], "y": []}),
        ({"x": [1.0, 2.0] * 200, "y": [1.0, 2.0] * 200}, {"x": [1.0] * 9, "y": [2.0] * 9}),
        ({"x": [1.0, 2.0] * 200, "y": [2.0, 1.0] * 200}, {"x": [5.0] * ROWS, "y": [5.0] * ROWS}),
    ],
)
def test_where_nothing_can_be_told_nothing_is(then: dict[str, Any], now: dict[str, Any]) -> None:
    assert compared(then, now) == NOTHING


def test_columns_that_are_the_same_and_stay_so_have_not_changed() -> None:
    values = np.random.default_rng(1).normal(size=(2, ROWS)).tolist()
    then, now = ({"x": one, "y": one} for one in values)
    assert compared(then, now).p == pytest.approx(1.0)
    assert compared(then, {"x": now["x"], "y": now["x"][::-1]}).p < 1e-9


_VALUES = st.lists(
    st.tuples(
        st.floats(allow_nan=True, allow_infinity=True) | st.none(),
        st.sampled_from(["a", "b", None, "new"]),
        st.sampled_from([1.0, 2.0, None]),
    ),
    min_size=100,
    max_size=300,
)


@given(_VALUES, _VALUES)
def test_any_rows_then_and_now_are_told_of(then: list[Any], now: list[Any]) -> None:
    tables = [dict(zip("xyz", zip(*rows, strict=True), strict=True)) for rows in (then, now)]
    columns = [
        ColumnReference("x", "number", 1, 0, numbers_of(np.ones(1))),
        ColumnReference("y", "category", 1, 0, None, words_of(["a"], [1])),
        ColumnReference("z", "number", 1, 0, numbers_of(np.ones(1))),
    ]
    found = together(columns, *(arrays(Sampled([], one), columns) for one in tables))
    assert 0 <= found.p <= 1
    assert 0 <= found.change <= 2
    assert len({*found.pair}) in {0, 2}


@pytest.mark.parametrize(("then", "rows"), [(300, 200), (1_000, 1_000)])
def test_nothing_is_made_up_more_often_than_it_says(then: int, rows: int) -> None:
    ps = [
        compared(flipped("words", 0.6, then, 2 * seed), flipped("words", 0.6, rows, 2 * seed + 1)).p
        for seed in range(150)
    ]
    assert np.mean(np.array(ps) <= 0.05) <= 0.08


def test_it_counts_among_the_columns_unless_one_has_its_name() -> None:
    found = Together(("x", "y"), 0.7, -0.7, 1e-9, 28)
    values = np.random.default_rng(1).normal(size=ROWS)
    for name in ("x", "together"):
        column = ColumnReference(name, "number", ROWS, 0, numbers_of(values))
        told = drift_readings(
            Reference(ROWS, [column]), Sum(), [Compared("together", found.drift, ROWS)]
        )
        assert [*told] == ["drift"]  # too few rows
    known = Reference(ROWS, [ColumnReference("x", "number", ROWS, 0, numbers_of(values))])
    now = Sum(rows=ROWS)
    now.columns = {"x": now.predicted}
    told = drift_readings(known, now, [Compared("together", found.drift, ROWS)])
    assert (told["drift"].alarm, told["drift"].why) == (True, "together")
    reading = told["drift:together"]
    assert (reading.why, reading.statistic, reading.high) == ("x, y", "correlation", 0.1)
    assert "psi:together" not in told
    named = Reference(ROWS, [ColumnReference("together", "number", ROWS, 0, numbers_of(values))])
    now.columns = {"together": now.predicted}
    told = drift_readings(named, now, [Compared("together", found.drift, ROWS)])
    assert told["drift:together"].statistic == "wasserstein"


def test_samples_are_joined_a_row_of_each_in_turn() -> None:
    found = joined([Sampled(["a", "b"], {"x": [1, 2]}), Sampled(["c"], {"x": [3]})])
    assert found == Sampled(["a", "c", "b"], {"x": [1, 3, 2]})
    assert found.records(2) == [{"x": 1}, {"x": 3}]
    assert joined([]) == Sampled([], {})
