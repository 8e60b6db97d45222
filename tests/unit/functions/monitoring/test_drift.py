"""Drift of a window: edge cases of columns, and how often it is found, missed and made up."""

import datetime as dt
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.models.reference import (
    ColumnReference,
    Reference,
    numbers_of,
    words_of,
)
from functions.kit.contract.records.columns import Kind
from functions.monitoring.model.drift.comparing import LEAST_ROWS, drift_readings
from functions.monitoring.model.windows.sums import Sum, from_bytes, whole
from functions.monitoring.model.windows.tally import minutes_of, tally

Values = list[Any]
ROWS = 400
NOON = int(dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC).timestamp() * 1e6)


def reference(values: Values, kind: Kind) -> Reference:
    """Return the reference of one column, `x`."""
    there = [one for one in values if one is not None]
    numbers = words = None
    if kind in {"number", "integer"}:
        numbers = numbers_of(np.array(there, np.float64))
    elif kind == "text":
        numbers = numbers_of(np.array([*map(len, there)], np.float64))
    elif there:
        texts = [str(one).lower() if kind == "boolean" else one for one in there]
        words = words_of(sorted(set(texts)), [texts.count(one) for one in sorted(set(texts))])
    missing = len(values) - len(there)
    return Reference(
        len(values), [ColumnReference("x", kind, len(values), missing, numbers, words)]
    )


def table(values: Values | None, rows: int | None = None) -> pa.Table:
    count = len(values) if values is not None else rows or 0
    columns: dict[str, Any] = {
        "at": pa.array([NOON] * count, pa.timestamp("us", tz="UTC")),
        "id": pa.array([f"{number:x}-0" for number in range(count)], pa.string()),
        "elapsed": pa.array([1000] * count, pa.int64()),
        "value": pa.array([None] * count, pa.float64()),
    }
    if values is not None:
        columns["input:x"] = pa.array(values)
    return pa.table(columns)


def drift(then: Values, kind: Kind, now: Values | None) -> dict[str, Any]:
    known = reference(then, kind)
    return drift_readings(known, tally(table(now, ROWS), known))


SOME = [float(number % 50) for number in range(ROWS)]
NONE = [None] * ROWS


@pytest.mark.parametrize(
    ("then", "kind", "now", "off"),
    [
        (SOME, "number", SOME, ""),
        (SOME, "number", NONE, "missing"),
        (SOME, "number", None, "missing"),
        (NONE, "number", NONE, ""),
        (NONE, "number", None, ""),
        (NONE, "number", SOME, "missing"),
        ([5.0] * ROWS, "number", [5.0] * ROWS, ""),
        ([5.0] * ROWS, "number", [6.0] * ROWS, "out_of_range"),
        ([5.0] * ROWS, "integer", [5] * ROWS, ""),
        ([0.0] * ROWS, "number", [1e308, -1e308] * (ROWS // 2), "out_of_range"),
        ([1e308, -1e308] * (ROWS // 2), "number", [1e308, -1e308] * (ROWS // 2), ""),
        ([1e-300, 2e-300] * (ROWS // 2), "number", [1e300] * ROWS, "values, out_of_range"),
        (SOME, "number", [math.nan] * ROWS, "missing"),
        (SOME, "number", [*map(str, SOME)], ""),
        (SOME, "number", ["x", "5"] * (ROWS // 2), "values, mistyped"),
        (SOME, "number", [True] * ROWS, "mistyped"),
        (["a", "b"] * (ROWS // 2), "category", ["b", "a"] * (ROWS // 2), ""),
        (["a", "b"] * (ROWS // 2), "category", ["a"] * ROWS, "values"),
        (["a"] * ROWS, "category", ["a"] * ROWS, ""),
        (["a"] * ROWS, "category", ["b"] * ROWS, "values, new_words"),
        (["a"] * ROWS, "category", NONE, "missing"),
        ([f"id{number}" for number in range(ROWS)], "category",
         [f"other{number}" for number in range(ROWS)], ""),
        ([True, False] * (ROWS // 2), "boolean", [True] * ROWS, "values"),
        ([True, False] * (ROWS // 2), "boolean", [False, True] * (ROWS // 2), ""),
        (["", "abc"] * (ROWS // 2), "text", ["", "xyz"] * (ROWS // 2), ""),
        (["", "abc"] * (ROWS // 2), "text", ["long enough"] * ROWS, "values, out_of_range"),
        (["2026-01-01"] * ROWS, "date", ["2027-01-01"] * ROWS, ""),
    ],
)  # fmt: skip
def test_what_is_off_is_named_and_nothing_else(
    then: Values, kind: Kind, now: Values | None, off: str
) -> None:
    if kind == "date":  # days go on; that is no drift
        known = Reference(ROWS, [ColumnReference("x", "date", ROWS, 0, numbers_of(np.ones(9)))])
        found = drift_readings(known, tally(table(now), known))
    else:
        found = drift(then, kind, now)
    assert found["drift:x"].why == off
    assert found["drift:x"].alarm == found["drift"].alarm == (off != "")
    assert math.isfinite(found["drift:x"].value or 0.0)


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.none(), min_size=1, max_size=80),
    st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.none(), min_size=1, max_size=80),
)
def test_any_numbers_then_and_now_are_told_of(then: Values, now: Values) -> None:
    stored = [one if one is None or math.isfinite(one) else None for one in then]
    known = reference([0.0, *stored], "number")
    total = tally(table(now), known)
    column = total.columns["x"]
    assert column.missing + column.numbers == column.rows == len(now)
    for reading in drift_readings(known, total).values():
        assert reading.value is None or math.isfinite(reading.value)
        assert reading.p is None or 0 <= reading.p <= 1


@given(st.lists(st.sampled_from(["a", "b", "c", "new", None]), max_size=60), st.integers(0, 60))
def test_sums_of_parts_are_the_sum_of_the_whole(values: list[str | None], cut: int) -> None:
    known = reference(["a", "b", "c", None] * 9, "category")
    parts = [tally(table(some), known) for some in (values[:cut], values[cut:])]
    both, total = whole(parts), tally(table(values), known)
    assert both == whole(parts[::-1]) == whole([total])
    assert from_bytes(both.to_bytes()) == both
    assert whole([]) == Sum()


def test_few_rows_are_not_compared() -> None:
    found = drift(SOME, "number", SOME[: LEAST_ROWS - 1])
    assert [*found] == ["drift"]
    assert found["drift"].value is None


def test_rows_are_parted_by_minute() -> None:
    times = [NOON + second * 10**6 for second in (59, 0, 60, 61, 3600)]
    rows = table([1.0] * 5).set_column(0, "at", pa.array(times, pa.timestamp("us", tz="UTC")))
    found = minutes_of(rows)
    first = NOON // 60_000_000
    assert {minute - first: len(part) for minute, part in found.items()} == {0: 2, 1: 2, 60: 1}


@pytest.mark.parametrize(("rows", "windows"), [(200, 150), (1_000, 80), (10_000, 15)])
def test_false_alarms_are_few_and_shifts_are_found(rows: int, windows: int) -> None:
    """Of ten columns; a twentieth of the windows at most alarms where nothing is off."""
    chance = np.random.default_rng(rows)
    made_up = found = 0
    for _ in range(windows):
        then = chance.normal(size=(10, 2_000))
        columns = [
            ColumnReference(f"c{place}", "number", 2_000, 0, numbers_of(values))
            for place, values in enumerate(then)
        ]
        known = Reference(2_000, columns)
        plain = table([0.0] * rows)
        now = {f"input:c{place}": chance.normal(size=rows) for place in range(10)}
        for name, values in now.items():
            plain = plain.append_column(name, pa.array(values))
        made_up += drift_readings(known, tally(plain, known))["drift"].alarm
        shifted = plain.set_column(
            plain.schema.get_field_index("input:c3"), "input:c3", pa.array(now["input:c3"] + 0.5)
        )
        told = drift_readings(known, tally(shifted, known))
        found += told["drift:c3"].alarm and told["drift"].why == "c3"
    assert made_up / windows <= 0.05
    assert found / windows >= 0.95
