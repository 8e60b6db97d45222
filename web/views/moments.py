"""Moments as the API writes them, and as they read."""

import datetime as dt

LENGTHS = ((86400, "d"), (3600, "h"), (60, "min"))


def moment_of(text: str) -> dt.datetime:
    """Return an ISO time; one without a zone is in UTC."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def seconds_of(text: str) -> int:
    """Return an ISO time as whole Unix seconds."""
    return int(moment_of(text).timestamp())


def ahead(moment: str, now: dt.datetime | None = None) -> str:
    """Write an ISO time that is to come as a distance from `now`."""
    left = (moment_of(moment) - (now or dt.datetime.now(dt.UTC))).total_seconds()
    if left <= 0:
        return "over"
    for length, unit in LENGTHS:
        if left >= length:
            return f"in {left // length:.0f} {unit}"
    return "in less than a minute"


def is_ahead(moment: str | None, now: dt.datetime | None = None) -> bool:
    """Tell whether an ISO time is still to come."""
    return moment is not None and moment_of(moment) > (now or dt.datetime.now(dt.UTC))


def clock(moment: str) -> str:
    """Write an ISO time to the second, in UTC."""
    return moment_of(moment).astimezone(dt.UTC).strftime("%-d %b %H:%M:%S")
