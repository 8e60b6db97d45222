"""Some of a dataset's rows, and how a column goes with what is to be predicted in them."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute, parquet

from functions.reports.notebooks.charts import group_chart, heat_chart, range_chart
from functions.reports.notebooks.columns import Picture
from functions.reports.notebooks.marks import FULL_WIDTH, HALF_WIDTH, MOST_CELL, plain
from functions.reports.notebooks.words import counted

MOST_ROWS = 20_000
"""Rows that are looked at; of more, each so-manieth."""
MOST_TOGETHER = 20
"""Columns in the chart of correlations."""
MOST_GROUPS = 6
MOST_WORDS = 10
_BINS = 8
_FEWEST = 10
"""Different numbers of a target above which it is a quantity."""
_BLOCK = 65_536


def rows_of(path: Path, columns: Sequence[str]) -> pa.Table:
    """Return some rows of a Parquet file, evenly over it; memory is that of a block of rows."""
    with parquet.ParquetFile(path) as file:
        step = max(1, -(-file.metadata.num_rows // MOST_ROWS))
        names = [name for name in file.schema_arrow.names if name in columns]
        kept, offset = [], 0
        for block in file.iter_batches(_BLOCK, columns=names):
            first = -offset % step
            offset += block.num_rows
            kept.append(block.take(pa.array(np.arange(first, block.num_rows, step))))
        schema = pa.schema([file.schema_arrow.field(name) for name in names])
        return pa.Table.from_batches(kept, schema)


def together(table: pa.Table, names: Sequence[str]) -> Picture | None:
    """Return how columns of numbers go together; None where there are not two that vary."""
    known = [name for name in names if name in table.column_names]
    values = {name: _numbers(table.column(name)) for name in known}
    varying = [name for name, found in values.items() if _varies(found)][:MOST_TOGETHER]
    if len(varying) < 2:
        return None
    cells = [
        (row, column, _correlation(values[row], values[column]))
        for row in varying
        for column in varying
    ]
    drawn = [(row, column, round(value, 4)) for row, column, value in cells if value is not None]
    return Picture(
        heat_chart(drawn, "Pearson's r", width=FULL_WIDTH),
        f"How columns of numbers go together, in {counted(table.num_rows, 'row')}, over those that "
        "have both.",
    )


def _varies(found: Any) -> bool:
    known = found[np.isfinite(found)]
    return len(known) > 1 and known.min() < known.max()


def _correlation(one: Any, other: Any) -> float | None:
    both = np.isfinite(one) & np.isfinite(other)
    if not (_varies(one[both]) and _varies(other[both])):
        return None
    return float(np.corrcoef(one[both], other[both])[0, 1])


def against(table: pa.Table, column: str, target: str) -> Picture | None:
    """Return how a column goes with the target; None where there is nothing to be seen."""
    if column not in table.column_names or target not in table.column_names or not table.num_rows:
        return None
    values, truth = table.column(column), table.column(target)
    both = compute.and_(_known(values), _known(truth))
    values, truth = values.filter(both), truth.filter(both)
    if len(values) == 0:
        return None
    names = f"“{plain(target, MOST_CELL)}” by “{plain(column, MOST_CELL)}”"
    parts = _parts(values)
    if parts is None:
        return None
    if is_quantity(truth):
        return _means(parts, _numbers(truth), target, f"{names}: the mean, of ")
    return _shares(parts, _texts(truth), target, f"{names}: shares of its values, of ")


def is_quantity(truth: Any) -> bool:
    """Tell whether a target's values are numbers of a scale, not names of classes."""
    kind = truth.type
    if pa.types.is_boolean(kind) or not _is_numeric(kind):
        return False
    return pa.types.is_floating(kind) or len(truth.unique()) > _FEWEST


def _parts(values: Any) -> tuple[list[str], Any] | None:
    """Return names of parts of a column's values, and for each row which it is in."""
    if _is_numeric(values.type) and len(values.unique()) > MOST_WORDS:
        found = _numbers(values)
        edges = np.unique(np.quantile(found, np.linspace(0, 1, _BINS + 1)))
        if len(edges) < 3:
            return None
        places = np.clip(np.searchsorted(edges, found, side="right") - 1, 0, len(edges) - 2)
        names = [f"{low:.4g} to {high:.4g}" for low, high in itertools.pairwise(edges)]
        return names, places
    texts = _texts(values)
    known, counts = np.unique(texts, return_counts=True)
    if len(known) > len(texts) // 2 or len(known) < 2:
        return None  # a name of the row, or always the same
    top = [str(one) for one in known[np.argsort(-counts, kind="stable")][:MOST_WORDS]]
    if _is_numeric(values.type):
        top.sort(key=float)
    order = {name: place for place, name in enumerate(top)}
    return top, np.array([order.get(text, -1) for text in texts])


def _shares(parts: tuple[list[str], Any], truth: Any, target: str, told: str) -> Picture:
    names, places = parts
    known, counts = np.unique(truth, return_counts=True)
    top = known[np.argsort(-counts, kind="stable")][:MOST_GROUPS]
    groups = sorted(str(one) for one in top)
    drawn = []
    for place, name in enumerate(names):
        inside = truth[places == place]
        if len(inside):
            drawn += [(name, group, float(np.mean(inside == group))) for group in groups]
    chart = group_chart(drawn, "share of rows", target)
    return Picture(chart, f"{told}{counted(len(truth), 'row')}.")


def _means(parts: tuple[list[str], Any], truth: Any, target: str, told: str) -> Picture:
    names, places = parts
    drawn = []
    for place, name in enumerate(names):
        inside = truth[places == place]
        if len(inside):
            low, high = np.quantile(inside, (0.25, 0.75))
            drawn.append((name, float(inside.mean()), float(low), float(high)))
    chart = range_chart(drawn, plain(target, MOST_CELL), width=HALF_WIDTH)
    return Picture(chart, f"{told}{counted(len(truth), 'row')}, with the middle half of them.")


def _known(values: Any) -> Any:
    """Return where there is a value that says something."""
    there = compute.is_valid(values)
    if not _is_numeric(values.type):
        return there
    return compute.and_(there, compute.is_finite(values).fill_null(fill_value=False))


def _is_numeric(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _numbers(values: Any) -> Any:
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _texts(values: Any) -> Any:
    return np.array([str(one) for one in values.to_pylist()], dtype=object)
