"""Tables of every kind, drawn by a seed: one decimal, offsets, levels, texts, moments, gaps."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column, Kind
from functions.training.learning.table import Table

Draw = np.random.Generator
START = dt.datetime(2019, 12, 30, tzinfo=dt.UTC)
WORDS = ["ähm", "Größe", "red", "blue", "O'Hara", "Mr.", "x1", "x2", "☃", "no", "yes", "so_so"]


def _moments(draw: Draw, rows: int, unit: str) -> list[Any]:
    return [START + dt.timedelta(**{unit: int(n)}) for n in draw.integers(0, 5000, rows)]


KINDS: dict[str, Callable[[Draw, int], tuple[Kind, list[Any]]]] = {
    "decimal": lambda draw, rows: ("number", (draw.integers(0, 300, rows) / 10).tolist()),
    "normal": lambda draw, rows: ("number", draw.normal(size=rows).tolist()),
    "skewed": lambda draw, rows: ("number", np.exp(draw.normal(size=rows) * 3).tolist()),
    "huge": lambda draw, rows: ("number", (draw.normal(size=rows) * 1e30).tolist()),
    "tiny": lambda draw, rows: ("number", (draw.normal(size=rows) * 1e-30).tolist()),
    "offset": lambda draw, rows: ("number", (1e9 + draw.integers(0, 99, rows) / 8).tolist()),
    "epoch": lambda draw, rows: ("integer", (1_700_000_000 + draw.permutation(rows)).tolist()),
    "whole": lambda draw, rows: ("integer", draw.integers(-5, 5, rows).tolist()),
    "flag": lambda draw, rows: ("boolean", (draw.random(rows) < 0.3).tolist()),
    "few": lambda draw, rows: ("category", draw.choice(WORDS[:4], rows).tolist()),
    "size": lambda draw, rows: ("category", draw.choice(["low", "medium", "high"], rows).tolist()),
    "many": lambda draw, rows: ("category", [f"c{n}" for n in draw.zipf(1.3, rows) % 400]),
    "prose": lambda draw, rows: (
        "text",
        [" ".join([*draw.choice(WORDS, draw.integers(2, 9)), f"{n}."]) for n in range(rows)],
    ),
    "second": lambda draw, rows: ("datetime", _moments(draw, rows, "seconds")),
    "microsecond": lambda draw, rows: ("datetime", _moments(draw, rows, "microseconds")),
    "hour": lambda draw, rows: ("datetime", _moments(draw, rows, "hours")),
    "day": lambda draw, rows: ("date", [one.date() for one in _moments(draw, rows, "days")]),
}


def random_table(seed: int, task: Task, rows: int = 160) -> Table:
    """Return a table whose column `y` follows from some of the others."""
    draw = np.random.default_rng(seed)
    names = draw.choice([*KINDS], draw.integers(2, 8), replace=False)
    columns, values, level = [], {}, draw.normal(size=rows) * 0.3
    for name in names:
        kind, cells = KINDS[name](draw, rows)
        ranks = np.unique([str(cell) for cell in cells], return_inverse=True)[1]
        level += (ranks - ranks.mean()) / (ranks.std() or 1.0) * draw.normal()
        gaps = draw.random(rows) < draw.choice([0.0, 0.2])
        columns.append(Column(str(name), kind))
        values[str(name)] = [None if gap else cell for gap, cell in zip(gaps, cells, strict=True)]
    kind, values["y"] = _target(draw, level, task)
    return Table([*columns, Column("y", kind)], values)


def _target(draw: Draw, level: np.ndarray, task: Task) -> tuple[Kind, list[Any]]:
    if task == "regression":
        offset, scale = draw.choice([0.0, 1e9]), draw.choice([1e-3, 1.0, 1e3])
        return "number", (offset + scale * level).tolist()
    edges = np.quantile(level, [0.5] if task == "binary" else [0.3, 0.6])
    return "category", [f"class {place}" for place in np.searchsorted(edges, level)]
