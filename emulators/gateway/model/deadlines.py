"""When a call has taken too long (pure)."""

import math
from typing import NamedTuple

from emulators.gateway.errors import GatewayError, NotReady, TimedOut
from emulators.gateway.model.revision import Revision


class Overdue(NamedTuple):
    """How a late call fails, and what was late."""

    kind: type[GatewayError]
    what: str


class Deadlines:
    """The times that a revision gives a call, by `time.monotonic`.

    Args:
        revision: Whose.
        now: When the call began.
        start_limit: Most seconds that a call waits for a first replica.

    Attributes:
        whole: When the whole call is too late; ``math.inf`` when it may last.
        heard: When the replica last gave or took something.
    """

    __slots__ = ("_first_replica", "_idle", "_start", "heard", "whole")

    def __init__(self, revision: Revision, now: float, start_limit: float) -> None:
        self.whole = now + revision.timeout
        self.heard = now
        self._start = now + revision.start_timeout
        self._first_replica = now + min(revision.timeout, start_limit)
        self._idle = revision.idle_timeout or math.inf

    def passed(self, now: float, *, waiting: bool, starting: bool, begun: bool) -> Overdue | None:
        """Return what is late by now, if anything.

        Args:
            now: The clock.
            waiting: Whether the call has no replica yet.
            starting: Whether there is no replica at all yet.
            begun: Whether an answer has begun.
        """
        if waiting and starting and now > self._first_replica:
            return Overdue(NotReady, "has no replica that is ready")
        if now > self.whole or (not begun and now > self._start):
            return Overdue(TimedOut, "did not answer in time")
        if not waiting and now - self.heard > self._idle:
            return Overdue(TimedOut, "was silent for longer than idleTimeoutSeconds")
        return None
