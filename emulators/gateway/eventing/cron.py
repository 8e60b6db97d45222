"""Schedules of ping sources: cron's five fields, or six with seconds in front (pure)."""

import re
from datetime import datetime, timedelta

import msgspec

from emulators.gateway.errors import GatewayError, Invalid

_NAMED = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,4}")
_SECOND = ("second", 0, 59)
_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_WORDS = {
    "month": {name: str(at) for at, name in enumerate(_MONTHS, start=1)},
    "weekday": {name: str(at) for at, name in enumerate(_DAYS)},
}
_LONGEST_SEARCH = timedelta(days=4 * 366 + 1)  # the 29th of February comes in that time


class Schedule(msgspec.Struct, frozen=True):
    """The values that each field may have; Sunday is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool
    seconds: frozenset[int] = frozenset((0,))

    def on(self, day: datetime) -> bool:
        """Whether it runs on a day: as in cron, day or weekday where both are limited."""
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return in_month and in_week
        return in_month or in_week

    def after(self, moment: datetime) -> datetime | None:
        """The first time after a moment, in its zone; None when there is none in four years."""
        at = moment.replace(microsecond=0) + timedelta(seconds=1)
        limit = at + _LONGEST_SEARCH
        while at < limit:
            if not self.on(at):
                at = at.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            elif at.hour not in self.hours:
                at = at.replace(minute=0, second=0) + timedelta(hours=1)
            elif at.minute not in self.minutes:
                at = at.replace(second=0) + timedelta(minutes=1)
            elif at.second not in self.seconds:
                at += timedelta(seconds=1)
            else:
                return at
        return None


def parse(text: str) -> Schedule:
    """Reads ``[second] minute hour day month weekday``, or ``@hourly`` and the like.

    Raises:
        Invalid: Naming the field and the value.
    """
    parts = _NAMED.get(text.strip(), text).lower().split()
    seconds = parts.pop(0) if len(parts) == len(_FIELDS) + 1 else "0"
    if len(parts) != len(_FIELDS):
        raise Invalid(
            f"schedule: {text!r} has {len(parts)} fields", 'write five, e.g. "*/5 * * * *"'
        )
    sets = [_values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)]
    weekdays = frozenset(day % 7 for day in sets[4])
    return Schedule(
        sets[0], sets[1], sets[2], sets[3], weekdays,
        any_day=parts[2] in ("*", "?"), any_weekday=parts[4] in ("*", "?"),
        seconds=_values(seconds, *_SECOND),
    )  # fmt: skip


def _values(text: str, name: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in ("*", "?"):
            first, last = str(low), str(high)
        elif not last:
            last = str(high) if step else first
        numbers = [_WORDS.get(name, {}).get(word, word) for word in (first, last, step or "1")]
        if not all(_NUMBER.fullmatch(number) for number in numbers):
            raise _wrong(name, part)
        start, stop, by = (int(number) for number in numbers)
        if not (low <= start <= stop <= high and by > 0):
            raise _wrong(name, part)
        found.update(range(start, stop + 1, by))
    return frozenset(found)


def _wrong(name: str, part: str) -> GatewayError:
    return Invalid(f"schedule: {part!r} is no {name}", "write a number, *, a-b or */n")
