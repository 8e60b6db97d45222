"""Drift of predictions where the file that serves has learnt from more rows than was measured."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from functions.kit.contract.models.reference import (
    Array,
    Reference,
    Served,
    counted,
    numbers_of,
    words_of,
)
from functions.monitoring.model.drift.comparing import drift_readings
from functions.monitoring.model.windows.sums import ColumnSum, Sum

KNOWN, HELD_OUT = 400, 80
WINDOWS, WINDOW = 40, 300
LABELS = ["no", "yes"]


def rows_of(draw: np.random.Generator, count: int) -> tuple[Array, Array]:
    x = draw.normal(size=(count, 6))
    return x, (x[:, 0] + x[:, 1] + draw.normal(size=count) > 0).astype(int)


def said(forest: RandomForestClassifier, x: Array) -> tuple[dict[str, int], Array]:
    """Return how often which label is said, and with which probability."""
    found = forest.predict_proba(x)
    counts = np.bincount(found.argmax(axis=1), minlength=2).tolist()
    return dict(zip(LABELS, counts, strict=True)), found.max(axis=1)


@pytest.fixture(scope="module")
def known() -> tuple[Reference, RandomForestClassifier]:
    """A reference by a forest that has not seen the held-out rows, and one that has."""
    x, y = rows_of(np.random.default_rng(0), KNOWN)
    twin = RandomForestClassifier(random_state=0).fit(x[HELD_OUT:], y[HELD_OUT:])
    serves = RandomForestClassifier(random_state=0).fit(x, y)
    counts, values = said(twin, x[:HELD_OUT])
    labels, sure = said(serves, x[:HELD_OUT])
    numbers = numbers_of(values)
    assert numbers is not None
    served = Served(
        labels, counted(numbers.edges, sure).tolist(), float(sure.min()), float(sure.max())
    )
    predicted = words_of([*counts], [*counts.values()])
    return Reference(KNOWN, [], predicted, numbers, served=served), serves


def window(reference: Reference, forest: RandomForestClassifier, x: Array) -> Sum:
    assert reference.values is not None
    counts, sure = said(forest, x)
    bins = counted(reference.values.edges, sure).tolist()
    values = ColumnSum(rows=len(x), bins=bins, low=float(sure.min()), high=float(sure.max()))
    return Sum(rows=len(x), predicted=ColumnSum(rows=len(x), words=counts), values=values)


@pytest.mark.parametrize("are_new", [True, False])
def test_calm_windows_raise_no_alarm(
    known: tuple[Reference, RandomForestClassifier], are_new: bool
) -> None:
    """Of new rows, and of those that the file has learnt from, of which it is surer by far."""
    reference, forest = known
    draw = np.random.default_rng(1)
    learnt, _ = rows_of(np.random.default_rng(0), KNOWN)
    alarms = 0
    for _ in range(WINDOWS):
        x = rows_of(draw, WINDOW)[0] if are_new else learnt[draw.integers(0, KNOWN, WINDOW)]
        alarms += drift_readings(reference, window(reference, forest, x))["drift"].alarm
    assert alarms <= WINDOWS * 0.05


def test_a_shift_is_seen_all_the_same(known: tuple[Reference, RandomForestClassifier]) -> None:
    reference, forest = known
    draw = np.random.default_rng(2)
    far = [window(reference, forest, rows_of(draw, WINDOW)[0] + 3.0) for _ in range(WINDOWS)]
    assert all(drift_readings(reference, one)["drift"].alarm for one in far)
