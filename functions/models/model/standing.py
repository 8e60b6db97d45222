"""What replicas have told of a version, and what follows from it."""

import datetime as dt
from typing import Literal

import msgspec

from functions.kit.contract.models.serving import LEASE, Held

Standing = Literal["ready", "loadable", "away", "broken"]


class Seen(msgspec.Struct):
    """What replicas told of one version.

    Attributes:
        called_at: Unix seconds of the last call; 0 for none.
        warm: replica → Unix seconds until when it counts as holding the version.
        fault: why the last replica that tried could not load it; empty since one could.
    """

    called_at: float = 0.0
    warm: dict[str, float] = {}
    fault: str = ""


class State(msgspec.Struct, kw_only=True):
    """How a version stands.

    Attributes:
        version: its number.
        function: that answers in place of a file, if one does.
        state: "ready" to answer at once, "loadable" by the next call, "away" (the function does
            not answer), "broken" (the file is gone, or cannot be loaded).
        reason: why it is away or broken.
        warm: the replicas that hold it ready, by ids of their own.
        last_called: when it answered a call last, to a minute; None for never.
    """

    version: int
    function: str | None = None
    state: Standing
    reason: str = ""
    warm: list[str] = []
    last_called: dt.datetime | None = None


def after(seen: Seen, replica: str, held: Held, now: float) -> Seen:
    """Return what is known once a replica has told how a version stands in it."""
    warm = {name: until for name, until in seen.warm.items() if until > now and name != replica}
    if held.warm:
        warm[replica] = now + LEASE
    fault = held.fault if held.fault or held.warm else seen.fault
    # A replica whose clock is ahead tells of no call that is still to come.
    return Seen(max(seen.called_at, min(held.called_at, now)), warm, fault)


def state_of(version: int, function: str | None, fault: str, seen: Seen, now: float) -> State:
    """Return how a version stands.

    Args:
        version: its number.
        function: that answers, if one does.
        fault: what was found wrong with its file or its function just now; empty for nothing.
        seen: what replicas told.
        now: Unix seconds.
    """
    warm = sorted(name for name, until in seen.warm.items() if until > now)
    reason = fault or ("" if warm or function else seen.fault)
    if reason:
        state: Standing = "away" if function else "broken"
    else:
        state = "ready" if warm or function else "loadable"
    called = dt.datetime.fromtimestamp(seen.called_at, dt.UTC) if seen.called_at else None
    return State(
        version=version,
        function=function,
        state=state,
        reason=reason,
        warm=warm,
        last_called=called,
    )
