"""What `monitoring` measures: windows of a version's predictions, and their columns."""

from typing import Literal

import msgspec

Span = Literal["minute", "hour", "day", "count"]


class Reading(msgspec.Struct):
    """What was found of one measure in a window.

    Attributes:
        value: it; None where it cannot be told.
        low: the least that it may well be, or the lower end of its band.
        high: the most.
        alarm: whether it is off, and that not by chance.
        rows: that it rests on; None for all of the window.
        why: there is no value, or what the alarm is about.
        p: the adjusted p of what was tested.
        statistic: which one `value` is.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    alarm: bool = False
    rows: int | None = None
    why: str = ""
    p: float | None = None
    statistic: str = ""


class Window(msgspec.Struct):
    """What was measured of some predictions, by measure; `end` is the first moment after them."""

    id: str
    version: int
    span: Span
    start: str
    end: str
    rows: int
    measures: dict[str, Reading] = {}


class Windows(msgspec.Struct):
    """Windows of a version, oldest first; none where nothing was predicted.

    `next` leads to those before them, where an answer has no room for all.
    """

    version: int | None
    windows: list[Window]
    next: str | None = None


class ModelWindows(msgspec.Struct):
    """Windows of a model's newest version that has some, oldest first."""

    model: str
    version: int | None
    windows: list[Window]


class ModelsWindows(msgspec.Struct):
    """Windows of several models."""

    models: list[ModelWindows]


class Bar(msgspec.Struct):
    """The share of rows between two numbers, then and now."""

    low: float
    high: float
    then: float
    now: float


class WordShare(msgspec.Struct):
    """The share of rows with a word, then and now."""

    value: str
    then: float
    now: float


class ColumnThenNow(msgspec.Struct):
    """A column in a window, beside what it was like in the rows that the version learnt from.

    `why` says that there is nothing to compare; `others` is the share of rows with other words.
    """

    column: str
    window: str
    then_rows: int
    now_rows: int
    then_missing: float
    now_missing: float
    bars: list[Bar] = []
    words: list[WordShare] = []
    others: WordShare | None = None
    new_words: dict[str, int] = {}
    measures: dict[str, Reading] = {}
    why: str = ""


class Coverage(msgspec.Struct):
    """How often sets or intervals held the truth, within what, beside what is stated."""

    level: float
    covered: float
    low: float
    high: float


class SliceQuality(msgspec.Struct):
    """A part of the data in a window: measures of those with labels, and as estimated of all."""

    column: str
    part: str
    rows: int
    labelled: int
    true: dict[str, Reading] = {}
    estimated: dict[str, Reading] = {}


class Quality(msgspec.Struct):
    """How good a version was over a window, by metric; `why` says what is missing.

    `off` is what labels say less what was estimated for the same rows; `cannot_tell` why the
    estimate is not to be believed.
    """

    rows: int
    labelled: int
    true: dict[str, Reading] = {}
    estimated: dict[str, Reading] = {}
    off: dict[str, Reading] = {}
    coverage: list[Coverage] = []
    cannot_tell: str = ""
    slices: list[SliceQuality] = []
    why: list[str] = []
