"""Alerts as they change, as server-sent events."""

import datetime as dt
from collections.abc import Callable, Iterator

import msgspec

from functions.kit.contract.ports import Clock
from functions.kit.http.routing.routes import StillMay
from functions.monitoring.model.alerts.alert import Alert
from functions.monitoring.model.alerts.moments import in_utc
from functions.monitoring.transport.alerts.views import view

POLL_SECONDS = 1.0
# A comment now and then finds out whether the client is still there.
QUIET_SECONDS = 10.0
# Shorter than the request's time limit on the platform; an EventSource connects again by itself.
LONGEST_SECONDS = 50.0
OVERLAP = dt.timedelta(seconds=5)
"""How far the clocks of replicas may differ: what changed within is looked at twice."""
MOST = 100
EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LAST = "Last-Event-ID"
"""The header by which an EventSource that connects again says what it has."""

Changed = Callable[[dt.datetime, int], list[Alert]]
"""Returns at most so many alerts that changed after a time, in the order of that."""


def stream(
    changed: Changed, since: dt.datetime, still_may: StillMay, clock: Clock
) -> Iterator[bytes]:
    """Yield an event for each change of an alert, until the time or the caller's right is over.

    Args:
        changed: see Changed.
        since: changes before it are known.
        still_may: asked before each look.
        clock: lets time pass between two looks.
    """
    began = spoke = clock.monotonic()
    told: dict[str, dt.datetime] = {}
    seen = since
    yield b": alerts\n\n"  # so that the client knows that it is connected
    while clock.monotonic() - began < LONGEST_SECONDS and still_may():
        for alert in _all(changed, max(since, seen - OVERLAP)):
            if told.get(alert.id) == alert.changed_at:
                continue
            yield _event(alert)
            told[alert.id], spoke = alert.changed_at, clock.monotonic()
            # One by a clock that is ahead hides none that come until then.
            seen = max(seen, min(alert.changed_at, clock.now()))
        told = {ident: at for ident, at in told.items() if at > seen - 2 * OVERLAP}
        if clock.monotonic() - spoke > QUIET_SECONDS:
            yield b": still here\n\n"
            spoke = clock.monotonic()
        clock.sleep(POLL_SECONDS)


def since_of(last: str | None, given: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """Return from when on changes are told: after the last one that the client has, or as asked."""
    try:
        known = None if last is None else dt.datetime.fromisoformat(last)
    except ValueError:
        known = None
    for one in (known, given):
        if one is not None and (found := in_utc(one)) is not None:
            return min(max(found, EARLIEST), now)
    return now


def _all(changed: Changed, since: dt.datetime) -> Iterator[Alert]:
    """Yield all alerts that changed after a time: those that are looked at twice may be many."""
    while found := changed(since, MOST):
        yield from found
        since = found[-1].changed_at


def _event(alert: Alert) -> bytes:
    text = msgspec.json.encode(view(alert))
    return b"id: %s\nevent: alert\ndata: %s\n\n" % (alert.changed_at.isoformat().encode(), text)
