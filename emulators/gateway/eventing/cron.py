"""Schedules of ping sources: cron's five fields, or six with seconds in front (pure).

What a schedule means is Knative's to say. cronsim reads Debian's dialect: where the two differ,
a schedule is put into words in which they do not.
"""

import re
from datetime import UTC, datetime

import msgspec
from cronsim import CronSim, CronSimError

from emulators.gateway.errors import Invalid

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = ("second", "minute", "hour", "day", "month", "weekday")
# For Debian a step leaves a day as free as a star alone does: both it and the weekday must match.
# For Knative one of them must, as with any limit.
_SPANS = {"day": "1-31", "weekday": "0-6"}
_UNKNOWN = {"day": frozenset("LW"), "weekday": frozenset("L#")}  # to Knative: the last, the n-th
_ONE = re.compile(
    r"\b(\w+)-\1/[1-9][0-9]*"
)  # "5-5/2": for Debian the same as "5/2", without an end
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


class Schedule(msgspec.Struct, frozen=True):
    """When something is due, in cronsim's words."""

    text: str

    def after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment, in its zone; None when there is none.

        A time that clocks leave out comes when they have, one that comes twice the first time.
        """
        try:
            coming = CronSim(self.text, moment)
        except CronSimError:  # each field is right, but no month has such a day
            return None
        now = moment.timestamp()
        return next((at for at in coming if at.timestamp() > now), None)


def parse(text: str) -> Schedule:
    """Read ``[second] minute hour day month weekday``, or ``@hourly`` and the like.

    Raises:
        Invalid: Naming the field and the value.
    """
    parts = _NAMED.get(text.strip(), text).upper().split()
    names = _FIELDS[-len(parts) :]
    if len(parts) not in (5, 6):
        raise Invalid(
            f"schedule: {text!r} has {len(parts)} fields", 'write five, e.g. "*/5 * * * *"'
        )
    return Schedule(" ".join(_read(*field) for field in zip(names, parts, strict=True)))


def _read(name: str, part: str) -> str:
    """Return one field as cronsim has it."""
    written = _ONE.sub(r"\1", part).replace("?", "*")
    if written != "*":
        written = written.replace("*", _SPANS.get(name, "*"))
    alone = (written if name == field else "*" for field in _FIELDS)
    try:
        CronSim(" ".join(alone), _SOME_DAY)
    except (CronSimError, ValueError):
        known = False
    else:
        known = not _UNKNOWN.get(name, frozenset()).intersection(part)
    if not known:
        raise Invalid(f"schedule: {part.lower()!r} is no {name}", "write a number, *, a-b or */n")
    return written
