"""Days and moments as people write them, by formats that are named as of `strptime`."""

import datetime as dt
import functools
import re
from collections.abc import Callable

from functions.kit.lazy import pattern

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_BY_NAME = {name[:length]: place for place, name in enumerate(MONTHS, 1) for length in range(3, 10)}
_PARTS = {
    "d": r"(?P<d>[0-9]{1,2})",
    "m": r"(?P<m>[0-9]{1,2})",
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "B": r"(?P<b>[A-Za-z]{3,9})",
    "H": r"(?P<H>[0-9]{1,2})",
    "I": r"(?P<H>[0-9]{1,2})",
    "M": r"(?P<M>[0-9]{2})",
    "S": r"(?P<S>[0-9]{2})",
    "f": r"(?P<f>[0-9]{1,6})",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "z": r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "%": "%",
}
ISO = "iso"
_DAYS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%d.%m.%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%b %d, %Y", "%b %d %Y", "%d. %b %Y"),
)
_TIMES = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
DATES = _DAYS
MOMENTS = tuple(f"{day} {time}" for day in _DAYS[1:] for time in _TIMES)
# Two digits of a year: those of the POSIX standard.
_CENTURY = 69


_ISO = pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)


class BadFormat(ValueError):  # noqa: N818 - reads as what it says
    """The format cannot be used; the message says why."""


@functools.lru_cache(maxsize=512)
def _compiled(text: str) -> re.Pattern[str]:
    pieces: list[str] = []
    rest = iter(text)
    for letter in rest:
        part = _PARTS.get(next(rest, "")) if letter == "%" else re.escape(letter)
        if part is None:
            known = ", ".join(f"%{name}" for name in _PARTS if name != "%")
            raise BadFormat(f"'{text}' is no date format: it may hold {known}, or be 'iso'")
        pieces.append(part)
    try:
        return re.compile("".join(pieces), re.ASCII)
    except re.error as error:
        raise BadFormat(f"'{text}' is no date format: it says something twice") from error


def may_be(text: str, cell: str) -> bool:
    """Tell whether a cell is written as a format wants it, be there such a day or not."""
    return (_ISO if text == ISO else _compiled(text)).fullmatch(cell) is not None


@functools.lru_cache(maxsize=512)
def reader(text: str) -> Callable[[str], dt.datetime | None]:
    """Return what reads texts of a format: the moment, in UTC where no zone is said, or None.

    Raises:
        BadFormat: it is no format, or names no day.
    """
    if text == ISO:
        return _iso
    if text == DATES[0]:
        return _iso_day
    return _by_parts(text)


@functools.lru_cache(maxsize=512)
def _by_parts(text: str) -> Callable[[str], dt.datetime | None]:
    pattern = _compiled(text)
    known = set(pattern.groupindex)
    if not {"d"} <= known or not known & {"m", "b"} or not known & {"Y", "y"}:
        raise BadFormat(f"'{text}' is no date format: a day, a month and a year are wanted")

    def read(cell: str) -> dt.datetime | None:
        found = pattern.fullmatch(cell)
        if found is None:
            return None
        try:
            return _moment(found.groupdict())
        except (ValueError, KeyError, OverflowError):  # there is no such day
            return None

    return read


def in_utc(moment: dt.datetime) -> dt.datetime:
    """Return `moment` in UTC; one without a zone is taken to be in UTC."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def _iso(cell: str) -> dt.datetime | None:
    if not _ISO.fullmatch(cell):
        return None
    try:
        return in_utc(dt.datetime.fromisoformat(cell))
    except (ValueError, OverflowError):  # no such day, or none in UTC
        return None


def _iso_day(cell: str) -> dt.datetime | None:
    """Read the usual format by the fast way, where it is written in full."""
    if len(cell) == len("2026-01-31") and _ISO.fullmatch(cell):
        return _iso(cell)
    return _by_parts(DATES[0])(cell)


def read(cell: str, usual: str | None, *, time: bool) -> dt.datetime | None:
    """Return the day or moment that a text stands for; None for none, or for several.

    Args:
        cell: without spaces around it.
        usual: the format in which the column is written, which is tried first.
        time: whether more than a day is wanted.
    """
    found = None if usual is None else reader(usual)(cell)
    found = found or _iso(cell)
    if found is not None:
        return found
    others = (*DATES, *MOMENTS) if time else DATES
    values = {value for one in others if (value := reader(one)(cell)) is not None}
    return values.pop() if len(values) == 1 else None


def has_time(text: str) -> bool:
    """Tell whether a format says more than a day."""
    return text == ISO or "%H" in text or "%I" in text


def _moment(parts: dict[str, str]) -> dt.datetime:
    year = int(parts["Y"]) if parts.get("Y") else _full(int(parts["y"]))
    month = int(parts["m"]) if parts.get("m") else _BY_NAME[parts["b"].lower()]
    hour = int(parts.get("H") or 0)
    if half := parts.get("p"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half in "Pp" else 0)
    micro = int((parts.get("f") or "0").ljust(6, "0"))
    minute, second = int(parts.get("M") or 0), int(parts.get("S") or 0)
    moment = dt.datetime(year, month, int(parts["d"]), hour, minute, second, micro, dt.UTC)
    return moment - _offset(parts.get("z"))


def _full(year: int) -> int:
    return year + (1900 if year >= _CENTURY else 2000)


def _offset(zone: str | None) -> dt.timedelta:
    if zone is None or zone == "Z":
        return dt.timedelta()
    size = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -size if zone[0] == "-" else size
