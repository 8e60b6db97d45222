"""Which connections to a replica are used again: those whose exchange ended cleanly.

A program may say more than its answer: a body after HEAD or 204, more than its Content-Length, the
answer to what it took for a second request. Whatever comes late would be read as the next caller's
answer. So a connection to a program rests before it carries the next call, and a program that was
caught gets each call on a connection of its own for a while. The gateway's own server needs
neither.
"""

import time
from typing import TYPE_CHECKING

from emulators.gateway.service.pool import MOST_AT_ONCE, Replica

if TYPE_CHECKING:
    from emulators.gateway.proxy.upstream import UpstreamConnection

REST_SECONDS = 0.05
DISTRUST_SECONDS = 60.0


def put_back(upstream: "UpstreamConnection") -> bool:
    """Keeps a connection whose exchange ended cleanly; False when it is to be closed."""
    replica = upstream.replica
    if replica.draining:
        return False
    if not replica.own_server:
        upstream.idle_since = time.monotonic()
        if upstream.idle_since < replica.distrusted_until:
            return False
    replica.idle.append(upstream)
    return True


def take(replica: Replica) -> "UpstreamConnection | None":
    """An open connection that may carry the next call, if there is one."""
    idle = replica.idle
    if replica.own_server:
        while idle:
            upstream: UpstreamConnection = idle.pop()
            if upstream.is_quiet():
                return upstream
        return None
    rested = time.monotonic() - REST_SECONDS
    while idle and idle[0].idle_since <= rested:
        upstream = idle.pop(0)
        if upstream.is_quiet():
            return upstream
    if idle and len(replica.connections) >= MOST_AT_ONCE:
        idle.pop(0).close()  # its place is wanted
    return None


def distrust(replica: Replica) -> None:
    """From now on each call has a connection of its own, for a while."""
    replica.distrusted_until = time.monotonic() + DISTRUST_SECONDS
    while replica.idle:
        replica.idle.pop().close()
