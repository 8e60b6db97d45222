"""Which connections to a replica are used again: those whose exchange ended cleanly.

A program may say more than its answer: a body after HEAD or 204, more than its Content-Length, the
answer to what it took for a second request. Whatever comes late would be read as the next caller's
answer. So a connection to a program rests before it carries the next call, and a program that was
caught gets each call on a connection of its own for a while. The gateway's own server needs
neither.
"""

import time
from typing import Protocol

from emulators.gateway.service.replicas.pool import Replica

DISTRUST_SECONDS = 60.0


class Reusable(Protocol):
    """A connection that may carry another call.

    Attributes:
        replica: Whom it leads to.
        idle_since: When its last answer ended, by `time.monotonic`.
    """

    replica: Replica
    idle_since: float


def put_back(upstream: Reusable) -> bool:
    """Keep a connection whose exchange ended cleanly; return False when it is to be closed."""
    replica = upstream.replica
    if replica.draining:
        return False
    if not replica.own_server:
        upstream.idle_since = time.monotonic()
        if upstream.idle_since < replica.distrusted_until:
            return False
    replica.idle.append(upstream)
    return True


def distrust(replica: Replica) -> None:
    """Give each call a connection of its own from now on, for a while."""
    replica.distrusted_until = time.monotonic() + DISTRUST_SECONDS
    while replica.idle:
        replica.idle.pop().close()
