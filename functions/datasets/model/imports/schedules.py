"""A scheduled import: its rows are fetched again and again."""

import datetime as dt
from typing import Annotated

import msgspec

from functions.datasets.model.imports.asked import ImportBody

# Schedules on platforms ask every five minutes for what is due.
LEAST_MINUTES, MOST_MINUTES = 5, 60 * 24 * 366
Minutes = Annotated[int, msgspec.Meta(ge=LEAST_MINUTES, le=MOST_MINUTES)]


class ScheduleBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An import that is made again every so many minutes, the first time soon."""

    every_minutes: Minutes
    asked: ImportBody


class Schedule(ScheduleBody, kw_only=True, forbid_unknown_fields=False):
    """A scheduled import, as callers see it and as it is stored with its dataset.

    Attributes:
        next_at: when rows are fetched next; within five minutes of that.
        last: the import that was made last; empty before the first, and where none was made.
        failure: why none was made the last time: another was at work.
        by: the id of the account whose it is.
    """

    next_at: dt.datetime
    last: str = ""
    failure: str | None = None
    by: str

    def ran(self, now: dt.datetime, last: str = "", failure: str | None = None) -> "Schedule":
        """Return it after a run; times that were missed are not made up for."""
        every = dt.timedelta(minutes=self.every_minutes)
        missed = max((now - self.next_at) // every, 0)
        following = self.next_at + (missed + 1) * every
        return msgspec.structs.replace(self, next_at=following, last=last, failure=failure)
