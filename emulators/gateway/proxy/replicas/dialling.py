"""Opening connections to replicas: a few at a time, so that no server's backlog runs over."""

import asyncio
import itertools
import os
import socket
import time

from emulators.gateway.proxy.replicas import idle
from emulators.gateway.proxy.replicas.upstream import UpstreamConnection
from emulators.gateway.service.replicas.pool import Replica

CONNECT_LIMIT = 5.0
_names = itertools.count()
# A full backlog drops what the kernel sends next a whole second later: it is asked again sooner.
_FIRST_PATIENCE, _LONGEST_PATIENCE = 0.05, 1.0


async def connection_to(replica: Replica) -> UpstreamConnection:
    """Return a connection to a replica: a new one, or one that has become free meanwhile.

    Raises:
        OSError: When it does not accept one.
        TimeoutError: When it does not in time.
    """
    async with replica.dials:
        deadline, patience = time.monotonic() + CONNECT_LIMIT, _FIRST_PATIENCE
        while True:
            upstream = idle.take(replica)
            if upstream is not None:
                return upstream
            try:
                async with asyncio.timeout(patience):
                    return await _dial(replica)
            except (TimeoutError, BlockingIOError) as error:  # its backlog is full
                if time.monotonic() > deadline:
                    raise TimeoutError("it does not accept connections") from error
                if isinstance(error, BlockingIOError):  # of a unix socket, at once
                    await asyncio.sleep(patience)
            patience = min(patience * 2, _LONGEST_PATIENCE)


async def _dial(replica: Replica) -> UpstreamConnection:
    address, loop = replica.instance.address, asyncio.get_running_loop()

    def factory() -> UpstreamConnection:
        return UpstreamConnection(replica)

    if address.path:
        raw = _named(address.path)
        _, connection = await loop.create_unix_connection(factory, sock=raw)
    else:
        _, connection = await loop.create_connection(factory, address.host, address.port)
    return connection


def _named(path: str) -> socket.socket:
    """Return a socket whose end here has its own name: by it the replica tells connections."""
    raw = socket.socket(socket.AF_UNIX)
    raw.setblocking(False)  # noqa: FBT003 - the callee's signature
    name = os.path.join(os.path.dirname(path), f"{next(_names):x}")  # noqa: PTH118, PTH120 - a string is wanted
    try:
        raw.bind(name)
        os.unlink(name)  # noqa: PTH108 - the name is a plain string
        raw.connect(path)
    except OSError:
        raw.close()
        raise
    return raw
