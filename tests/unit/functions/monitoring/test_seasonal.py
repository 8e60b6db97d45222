"""Like with like: a weekend that is another one each week alarms where weekdays are the measure."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.kit.contract.models.reference import (
    ColumnReference,
    Reference,
    numbers_of,
    words_of,
)
from functions.monitoring.model.drift.comparing import drift_readings
from functions.monitoring.model.drift.seasonal import seasonal
from functions.monitoring.model.windows.operations import like_before
from functions.monitoring.model.windows.sums import Sum, whole
from functions.monitoring.model.windows.tally import tally

HOURS_A_WEEK, STEP = 168, 4
ROWS = 300
Rows = dict[str, Any]


def drawn(chance: np.random.Generator, hour: int, rows: int, shift: float = 0.0) -> Rows:
    """Return baskets of an hour of the week: larger at weekends and later in the day."""
    is_weekend, of_day = hour // 24 >= 5, hour % 24 / 24
    town = chance.choice(["x", "y"], rows, p=[0.3, 0.7] if is_weekend else [0.8, 0.2])
    basket = chance.normal(50 + 12 * is_weekend + 10 * of_day + shift, 10, rows)
    basket[chance.random(rows) < (0.1 if is_weekend else 0.02)] = np.nan
    return {"basket": basket, "town": town, "size": chance.normal(0, 1, rows)}


def table(rows: Rows) -> pa.Table:
    """Return rows as the log has them."""
    count = len(rows["basket"])
    columns: dict[str, Any] = {
        "id": [f"{place}-0" for place in range(count)],
        "elapsed": [1] * count,
        "value": pa.nulls(count, pa.float64()),
    }
    inputs = {f"input:{name}": pa.array(one, from_pandas=True) for name, one in rows.items()}
    return pa.table(columns | inputs)


def learnt(chance: np.random.Generator) -> Reference:
    """Return the reference of rows of a whole week."""
    parts = [drawn(chance, hour, 40) for hour in range(HOURS_A_WEEK)]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    count = len(rows["town"])
    columns = []
    for name in ("basket", "size"):
        missing = int(np.isnan(rows[name]).sum())
        columns.append(ColumnReference(name, "number", count, missing, numbers_of(rows[name])))
    words, counts = np.unique(rows["town"], return_counts=True)
    kept = words_of(words.tolist(), counts.tolist())
    return Reference(count, [*columns, ColumnReference("town", "category", count, 0, None, kept)])


def test_each_week_s_weekend_is_no_drift_where_weekends_are_compared() -> None:
    chance = np.random.default_rng(3)
    reference = learnt(chance)
    sums = {
        (week, hour): tally(table(drawn(chance, hour, ROWS)), reference)
        for week in range(5)
        for hour in range(0, HOURS_A_WEEK, STEP)
    }
    looked = [key for key in sums if key[0] >= 3]
    by_training = [drift_readings(reference, sums[key])["drift"].alarm for key in looked]
    by_season = []
    found = []
    for week, hour in looked:
        like = whole([sums[before, hour] for before in range(week)])
        known = seasonal(reference, like)
        by_season.append(drift_readings(known, sums[week, hour])["drift"].alarm)
        off = tally(table(drawn(chance, hour, ROWS, 8.0)), reference)
        found.append("basket" in drift_readings(known, off)["drift"].why)
    assert np.mean(by_training) > 0.5
    assert np.mean(by_season) <= 0.05
    assert np.mean(found) >= 0.95


def test_what_weeks_had_beyond_the_training_s_range_is_no_news() -> None:
    values = np.linspace(0, 1, 500)
    reference = Reference(
        500,
        [
            ColumnReference("x", "number", 500, 0, numbers_of(values)),
            ColumnReference("w", "category", 500, 0, None, words_of(["a"], [500])),
        ],
        words_of(["yes"], [500]),
        numbers_of(values),
    )
    rows: Rows = {"x": np.concatenate([values, [9.0] * 50]), "w": ["a"] * 500 + ["new"] * 50}
    columns = {f"input:{name}": pa.array(one) for name, one in rows.items()}
    plain: dict[str, Any] = {
        "id": [f"{place}-0" for place in range(550)],
        "elapsed": [1] * 550,
        "predicted": ["yes"] * 550,
        "probability": pa.array(rows["x"] / 10),
    }
    now = tally(pa.table(plain | columns), reference)
    assert drift_readings(reference, now)["drift"].alarm
    known = seasonal(reference, whole([now, now]))
    told = drift_readings(known, now)
    assert not told["drift"].alarm
    assert told["out_of_range:x"].value == pytest.approx(50 / 550)
    assert told["new_words:w"].value == pytest.approx(50 / 550)
    assert told["drift:prediction"].value == pytest.approx(0.0)
    nothing = drift_readings(seasonal(reference, Sum()), now)
    assert not nothing["drift"].alarm


def test_windows_like_one_are_of_the_same_time_of_the_week() -> None:
    assert like_before(100_000, 60)[:2] == [100_000 - 7 * 24 * 60, 100_000 - 14 * 24 * 60]
