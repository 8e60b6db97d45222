"""What monitoring says of a version's windows, as far as a report shows it."""

import datetime as dt

import msgspec


class Reading(msgspec.Struct, omit_defaults=True):
    """What was found of one measure of a window."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    alarm: bool = False


class Window(msgspec.Struct):
    """One window.

    Attributes:
        start: Unix seconds.
        end: likewise; the first moment that is not in it any more.
        rows: predictions in it.
        measures: by name.
    """

    start: float
    end: float
    rows: int
    measures: dict[str, Reading]


class Told(msgspec.Struct):
    """A window as monitoring tells of it."""

    rows: int
    version: int
    start: dt.datetime
    end: dt.datetime
    measures: dict[str, Reading] = {}


class Answer(msgspec.Struct):
    """Monitoring's answer."""

    windows: list[Told]


def of_version(answer: Answer, version: int) -> list[Window]:
    """Return the windows of a version, oldest first; those of others are passed over."""
    found = [
        Window(one.start.timestamp(), one.end.timestamp(), one.rows, one.measures)
        for one in answer.windows
        if one.version == version
    ]
    return sorted(found, key=lambda one: one.start)
