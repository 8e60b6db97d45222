"""How good a model is in each part of its data, window by window."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from web.client.monitoring_schemas import Quality, Reading, SliceQuality, Window
from web.views.formatting import NOTHING, score
from web.views.metrics import Measure, in_order
from web.views.monitoring.words import moment_words

MOST_WINDOWS = 12
SLICE = "slice:"


class Cell(NamedTuple):
    """A part in a window: its measure, and what it rests on in words."""

    text: str
    told: str


class Row(NamedTuple):
    """A part of the data, by window."""

    part: str
    cells: Sequence[Cell]


class Head(NamedTuple):
    """A window: its id, when it was, how many predictions it has."""

    window: str
    when: str
    rows: int


class Slices(NamedTuple):
    """Parts by windows, those windows alone that tell of any."""

    heads: Sequence[Head]
    rows: Sequence[Row]


def slices(windows: Sequence[Window]) -> Slices | None:
    """Return parts by the newest windows that tell of some; None where none does."""
    shown = [one for one in windows if any(key.startswith(SLICE) for key in one.measures)]
    shown = shown[-MOST_WINDOWS:]
    names = dict.fromkeys(key for one in shown for key in one.measures if key.startswith(SLICE))
    if not names:
        return None
    heads = [Head(one.id, moment_words(one.start, one.span), one.rows) for one in shown]
    rows = [Row(name.removeprefix(SLICE), [*_cells(name, shown)]) for name in names]
    return Slices(heads, rows)


def _cells(name: str, windows: Iterable[Window]) -> Iterable[Cell]:
    part = name.removeprefix(SLICE)
    for one in windows:
        when = moment_words(one.start, one.span)
        found = one.measures.get(name)
        if found is None or found.value is None:
            yield Cell(NOTHING, f"{part}, {when}: not known")
        else:
            yield Cell(score(found.value), f"{part}, {when}: {within(found)}")


def within(found: Reading) -> str:
    """Return a value with what it is within and rests on."""
    text = score(found.value)
    if found.low is not None and found.high is not None:
        text += f", within {score(found.low)} to {score(found.high)}"
    return text if found.rows is None else f"{text}, by {found.rows:,} labels"


class Told(NamedTuple):
    """A measure over a window: by labels, as estimated, and how far the estimate was off."""

    label: str
    true: Reading | None
    estimated: Reading | None
    off: Reading | None


def told(quality: Quality) -> list[Told]:
    """Return the measures of a window, those first that say most."""
    names = in_order([*quality.true, *quality.estimated])
    return [
        Told(
            Measure(name, None).label,
            quality.true.get(name),
            quality.estimated.get(name),
            quality.off.get(name),
        )
        for name in names
    ]


def part_metrics(quality: Quality) -> list[str]:
    """Return the measures that parts are told by, those first that say most."""
    return in_order(name for one in quality.slices for name in (*one.true, *one.estimated))


def most_labels_first(quality: Quality) -> list[SliceQuality]:
    """Return the parts that have predictions, those with most labels first."""
    known = [one for one in quality.slices if one.rows]
    return sorted(known, key=lambda one: (-one.labelled, -one.rows, one.column, one.part))
