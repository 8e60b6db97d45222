"""Open connections to a replica that carry nothing; `reuse` says which stay open."""

import time

from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.service.replicas.pool import MOST_AT_ONCE, Replica

REST_SECONDS = 0.05  # before a program's connection carries the next call


def take(replica: Replica) -> UpstreamConnection | None:
    """Return an open connection that may carry the next call, if there is one."""
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
