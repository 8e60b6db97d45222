"""The ports for HTTP."""

import asyncio

from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.server import Server
from emulators.gateway.proxy.dispatch import Dispatcher

_BACKLOG = 4096  # connections that came at once and are still to be accepted


async def listen(host: str, port: int, server: Server, dispatcher: Dispatcher) -> asyncio.Server:
    """Open a port.

    Raises:
        SystemExit: It cannot be opened; the text names it and the variable that changes it.
    """
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(
            lambda: ClientConnection(server, dispatcher.exchange, dispatcher.plain),
            host,
            port,
            backlog=_BACKLOG,
        )
    except OSError as error:
        raise SystemExit(
            f"port {port} on {host} cannot be opened ({error.strerror}): set "
            "MAYFLY_GATEWAY_PORT or MAYFLY_GATEWAY_METRICS_PORT to another"
        ) from error
