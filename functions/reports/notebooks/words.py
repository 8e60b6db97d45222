"""Numbers, shares and times as people read them."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from functions.reports.notebooks.marks import MOST_CELL, plain

NOTHING = "\N{EN DASH}"
AND = ", "


def number(value: Any, digits: int = 4) -> str:
    """Return a number with so many digits that count; NOTHING where there is none."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return NOTHING if value is None else plain(value, MOST_CELL)
    if not math.isfinite(value):
        return NOTHING
    if float(value).is_integer() and abs(value) < 10**digits * 1000:
        return f"{int(value):,}"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}" if abs(value) < 1e12 else f"{value:.{digits - 1}e}"
    return f"{value:.{digits}g}"


def share(part: float, whole: float = 1.0) -> str:
    """Return a share in percent; NOTHING of nothing."""
    if not whole:
        return NOTHING
    found = part / whole
    if 0 < found < 0.001:
        return "< 0.1 %"
    if 0.999 < found < 1:
        return "> 99.9 %"
    return f"{found:.1%}".replace("%", " %")


def counted(count: int, noun: str) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def moment(value: Any) -> str:
    """Return a time as `2026-03-01 12:30 UTC`: ISO 8601 text, or Unix seconds."""
    if value is None:
        return NOTHING
    if isinstance(value, int | float):
        try:
            found = dt.datetime.fromtimestamp(value, dt.UTC)
        except (OverflowError, OSError, ValueError):
            return number(value)
    else:
        try:
            found = dt.datetime.fromisoformat(str(value))
        except ValueError:
            return plain(value, MOST_CELL)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found.hour or found.minute else f"{found:%Y-%m-%d}"


def seconds(value: float) -> str:
    """Return how long something took."""
    return f"{value:.1f} s" if value < 120 else f"{value / 60:.0f} min"


def words(name: str) -> str:
    """Return the name of a measure as words: `roc_auc` as `ROC AUC`."""
    if name == "brier":
        return "Brier score"
    short = {"roc", "auc", "rmse", "mae", "r2", "f1", "mape", "mse", "mcc", "ece"}
    return " ".join(one.upper() if one in short else one for one in name.split("_"))


def listed(names: Sequence[Any], most: int = 8) -> str:
    """Return names after one another; of many, the first and how many more there are."""
    shown = AND.join(f"“{plain(name, MOST_CELL)}”" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def rounded(values: Sequence[float], digits: int = 6) -> list[float]:
    """Return numbers with so many digits: a notebook need not hold more than is drawn."""
    return [float(f"{one:.{digits}g}") for one in values]
