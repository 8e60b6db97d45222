"""Drift as a table: columns by windows, the darker the farther from what was learnt from."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from web.client.monitoring_schemas import Reading, Window
from web.views.formatting import NOTHING
from web.views.monitoring.words import (
    EXPLANATIONS,
    PREDICTION,
    column_label,
    moment_words,
    parts_words,
)

MOST_WINDOWS = 24
MOST_ROWS = 25
STEPS = (0.5, 1.0, 2.0, 4.0)
"""Times the least that matters, from which on a cell is darker by one."""
FLOOR = 0.1
"""The least that matters, where a reading does not say."""
DRIFT = "drift:"


class Cell(NamedTuple):
    """A column in a window; `level` 0 to 4, None where nothing can be told; `told` in words."""

    window: str
    level: int | None
    alarm: bool
    text: str
    told: str


class Row(NamedTuple):
    """A column over the windows."""

    column: str
    label: str
    cells: list[Cell]


class Head(NamedTuple):
    """A window: its day where that is another than the one before, its time, its rows."""

    window: str
    day: str
    time: str
    rows: int


class Heat(NamedTuple):
    """The table; `left` is how many columns it has no room for."""

    heads: list[Head]
    rows: list[Row]
    left: int


def heat(windows: Sequence[Window], *, everything: bool = False) -> Heat | None:
    """Return the drift of the last windows, what is off most first; None where none has any."""
    shown = windows[-MOST_WINDOWS:]
    names = dict.fromkeys(
        key.removeprefix(DRIFT) for one in shown for key in one.measures if key.startswith(DRIFT)
    )
    if not names:
        return None
    rows = sorted((_row(name, shown) for name in names), key=_rank)
    kept = rows if everything else rows[:MOST_ROWS]
    return Heat(list(_heads(shown)), kept, len(rows) - len(kept))


def off_now(windows: Sequence[Window]) -> list[str]:
    """Return the columns that are off in the newest window that could be compared."""
    for one in reversed(windows):
        found = one.measures.get("drift")
        if found is not None and found.value is not None:
            return off(one)
    return []


def off(window: Window) -> list[str]:
    """Return the columns that are off in a window."""
    named = [
        key.removeprefix(DRIFT)
        for key, found in window.measures.items()
        if key.startswith(DRIFT) and found.alarm
    ]
    return sorted(named, key=lambda one: (one in {PREDICTION, EXPLANATIONS}, one))


def _row(name: str, windows: Iterable[Window]) -> Row:
    label = column_label(name)
    return Row(name, label, [_cell(one, name) for one in windows])


def _cell(window: Window, name: str) -> Cell:
    label, when = column_label(name), moment_words(window.start, window.span)
    found = window.measures.get(DRIFT + name)
    if found is None or found.value is None:
        return Cell(window.id, None, alarm=False, text=NOTHING, told=f"{label}, {when}: not known")
    value = _most(window, name, found)
    level = sum(value / (found.high or FLOOR) >= one for one in STEPS)
    told = f"{label}, {when}: {value:.2f} from what was learnt"
    if found.alarm:
        told += f", off: {parts_words(found.why) or 'more than chance explains'}"
    return Cell(window.id, level, found.alarm, f"{value:.2f}", told)


def _most(window: Window, name: str, found: Reading) -> float:
    """Return how far a column is: of its values, or where others are off alone, of the first."""
    first = found.why.partition(", ")[0] if found.alarm else ""
    other = window.measures.get(f"{first}:{name}")
    return found.value or 0.0 if other is None or other.value is None else other.value


def _rank(row: Row) -> tuple[int, int, str]:
    """Put what is off now first, then what was off most often."""
    alarms = [one.alarm for one in row.cells]
    return -(alarms[-1] if alarms else 0), -sum(alarms), row.label.casefold()


def _heads(windows: Iterable[Window]) -> Iterable[Head]:
    before = ""
    for one in windows:
        day, _, time = moment_words(one.start).rpartition(" ")
        yield Head(
            one.id, day if day != before else "", "" if one.span == "day" else time, one.rows
        )
        before = day
