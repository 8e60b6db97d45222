"""Charts and tables of awkward things: they are made, and names are values in them alone."""

import json
import math
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from functions.reports.notebooks import charts, columns, evaluation, sample, windows, words
from functions.reports.notebooks.candidates import compared, searched, tried
from functions.reports.notebooks.marks import HALF_WIDTH, MOST_CELL, plain

ODD = ["a.b[0]", "a:Q", "", "x" * 500, "\x00\n\u202e", "datum.x", "${1}", "<b>", "😀"]


@pytest.mark.parametrize("name", ODD)
def test_every_chart_takes_every_name(name):
    made = [
        charts.bar_chart([(name, 1), ("b", 2)], name),
        charts.histogram_chart([0, 1, 2], [1, 0], name),
        charts.heat_chart([(name, name, 1.0)], name),
        charts.grid_chart([(name, name, 3, 1.0)], "predicted", "really"),
        charts.line_chart([(name, 0, 1), ("b", 1, 2)], name, name),
        charts.point_chart([(1, 2)], name, name, level=0),
        charts.range_chart([(name, 1, None, None)], name, best=name),
        charts.group_chart([(name, name, 1.0)], name, name),
    ]
    for chart in made:
        told = chart.to_dict()
        assert vl_convert.vegalite_to_svg(told, allowed_base_urls=[]).startswith("<svg")
        assert _fields(told) <= {
            *("name", "value", "from", "to", "rows", "row", "column", "count", "shade", "x", "y"),
            *("low", "high", "group", "share", "order"),
        }


def _fields(told):
    """Return all fields that a specification reads."""
    if isinstance(told, list):
        return {name for one in told for name in _fields(one)}
    if not isinstance(told, dict):
        return set()
    own = {told["field"]} if "field" in told else set()
    deeper = (one for key, one in told.items() if key not in {"values", "data", "datasets"})
    return own.union(*(_fields(one) for one in deeper))


@pytest.mark.parametrize("name", ODD)
def test_what_is_shown_is_one_line_that_can_be_printed(name):
    shown = plain(name, MOST_CELL)
    assert len(shown) <= MOST_CELL
    assert shown.isprintable()
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "\N{EN DASH}"),
        (math.nan, "\N{EN DASH}"),
        (math.inf, "\N{EN DASH}"),
        (0, "0"),
        (3.0, "3"),
        (1309, "1,309"),
        (0.123456, "0.1235"),
        (-12.5, "-12.5"),
        (1234567.5, "1,234,568"),
        (1e20, "1.000e+20"),
        (True, "True"),
        ("text", "text"),
    ],
)
def test_numbers_are_short(value, shown):
    assert words.number(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "\N{EN DASH}"),
        (0, 5, "0.0 %"),
        (1, 5000, "< 0.1 %"),
        (4999, 5000, "> 99.9 %"),
        (5, 5, "100.0 %"),
    ],
)
def test_shares_never_hide_some(part, whole, shown):
    assert words.share(part, whole) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2026-03-01T12:30:00Z", "2026-03-01 12:30 UTC"),
        (0, "1970-01-01"),
        (1e30, "1.000e+30"),
        ("no time", "no time"),
        (None, "\N{EN DASH}"),
    ],
)
def test_moments(value, shown):
    assert words.moment(value) == shown


EMPTY = {"name": "x", "kind": "number", "missing": 3, "unique": 0}


def test_columns_without_values_have_no_picture():
    assert columns.picture(EMPTY, 3) is None
    assert columns.picture({**EMPTY, "kind": "text", "top": []}, 3) is None
    assert columns.picture({**EMPTY, "histogram": {"edges": [0, 1], "counts": [0]}}, 3) is None
    assert columns.missing([{**EMPTY, "missing": 0}], 3) is None
    assert columns.overview([EMPTY], 3, [])[0] == ["x", "number", "100.0 %", "0", words.NOTHING]
    assert columns.overview([EMPTY], 0, ["x"])[0][2:] == [
        words.NOTHING,
        "0",
        "not shown: sensitive",
    ]


TABLES: dict[str, list[Any]] = {
    "none": [],
    "one": [1.0],
    "same": [2.0] * 30,
    "gaps": [None] * 30,
    "some gaps": [None, 1.0, 2.0, math.nan] * 10,
    "many": list(np.linspace(0, 1, 300)),
    "words": ["a", "b", None] * 20,
    "each its own": [f"n{place}" for place in range(60)],
    "truths": [True, False, None] * 20,
}


@pytest.mark.parametrize(("one", "other"), list(product(TABLES, TABLES)))
def test_any_column_can_be_held_against_any_other(one, other):
    rows = min(len(TABLES[one]), len(TABLES[other]))
    table = pa.table({"one": TABLES[one][:rows], "other": TABLES[other][:rows]})
    found = sample.against(table, "one", "other")
    if found is not None:
        json.dumps(found.chart.to_dict(), allow_nan=False)


def test_columns_that_go_together_are_drawn_and_others_are_not():
    up = list(range(50))
    table = pa.table({"up": up, "down": up[::-1], "same": [1] * 50, "gaps": [None] * 49 + [1.0]})
    found = sample.together(table, ["up", "down", "same", "gaps", "none"])
    [cells] = found.chart.to_dict()["datasets"].values()
    assert {(one["row"], one["column"]): one["value"] for one in cells} == {
        ("up", "up"): 1.0,
        ("up", "down"): -1.0,
        ("down", "up"): -1.0,
        ("down", "down"): 1.0,
    }
    assert sample.together(table, ["same", "up"]) is None


@pytest.mark.parametrize("rows", [0, 1, sample.MOST_ROWS, sample.MOST_ROWS + 1, 150_000])
def test_a_sample_is_even_and_bounded(tmp_path, rows):
    path = tmp_path / "rows.parquet"
    pa.parquet.write_table(pa.table({"x": np.arange(rows), "y": np.arange(rows)}), path)
    found = sample.rows_of(path, ["x", "none"])
    places = found.column("x").to_pylist()
    assert found.column_names == ["x"]
    assert len(places) <= sample.MOST_ROWS
    assert len(set(np.diff(places).tolist())) <= 1
    assert (places[:1] == [0]) is (rows > 0)


CANDIDATE = {
    "index": 0,
    "algorithm": "lightgbm",
    "settings": {},
    "state": "failed",
    "folds_done": 0,
    "seconds": 0.0,
    "score": None,
    "metrics": {},
    "spread": {},
    "failure": "it broke",
}
DONE = {
    **CANDIDATE,
    "index": 1,
    "state": "succeeded",
    "score": 0.5,
    "folds_done": 3,
    "metrics": {"roc_auc": 0.5},
    "spread": {"roc_auc": 0.01},
}


def test_candidates_that_came_to_nothing_are_told_and_not_drawn():
    rows = tried([CANDIDATE, DONE], {1: 1.0}, "roc_auc")
    assert [row[0] for row in rows] == ["lightgbm (2)", "lightgbm (1)"]
    assert rows[0][2:] == ["0.5 ± 0.01", "0.0 s", "in the model, weight 1.00"]
    assert rows[1][2:] == [words.NOTHING, "0.0 s", "failed: it broke"]
    assert compared([CANDIDATE], "roc_auc", None) is None
    assert "orange" in compared([CANDIDATE, DONE], "roc_auc", 1).caption


@pytest.mark.parametrize("by", ["record", "group", "time", "by some later release"])
def test_how_rows_were_split_is_told(by):
    [line] = searched({"holdout": 0.2, "seed": 7, "split": {"by": by, "column": "c"}}, [])
    assert line.startswith("20% of the rows were held out")


def test_an_evaluation_without_parts_has_no_pictures():
    told: dict[str, Any] = {}
    assert evaluation.answers(told) == evaluation.curves(told) == []
    assert evaluation.certainty(told, regression=True) == ([], None)
    assert evaluation.measures_of(told, {}, {})[1] == []
    for of in (evaluation.balance, evaluation.what_counts, evaluation.learning):
        assert of(told) is None
    assert evaluation.thresholds(told) is None


def test_windows_tell_what_was_off():
    def window(day, **measures):
        start = day * 86400.0
        return {"start": start, "end": start + 86400, "rows": day, "measures": measures}

    off = {"value": 0.01, "alarm": True}
    quality = {"quality:accuracy": {"value": 0.8}, "estimated:accuracy": {"value": None}}
    found = [window(1, drift=off, **quality), window(2, drift={"value": 0.5}, odd=off)]
    assert [row[:2] for row in windows.alarms(found)] == [
        ["drift", "1 window"],
        ["odd", "1 window"],
    ]
    assert [one.caption for one in windows.quality(found)] == [
        "accuracy: with labels, and estimated without."
    ]
    assert len(windows.others(found)) == 1
    assert windows.traffic(found).chart.to_dict()["width"] > HALF_WIDTH
