"""Moments that people name."""

import datetime as dt


def in_utc(at: dt.datetime) -> dt.datetime | None:
    """Return a moment in UTC; None where it has no offset, or lies beyond what calendars have."""
    try:
        return None if at.tzinfo is None else at.astimezone(dt.UTC)
    except OverflowError:
        return None
