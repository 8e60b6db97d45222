"""gRPC services (port name ``h2c``): a listener each."""

import asyncio

import structlog

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Revision
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.grpc.h2c import Tunnel
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane

log = structlog.get_logger()


class Listeners:
    """One listener for each gRPC service.

    Args:
        calls: What all calls share.
        plane: The functions.
        host: Where they listen.
    """

    def __init__(self, calls: Calls, plane: Plane, host: str) -> None:
        self._calls = calls
        self._plane = plane
        self._host = host
        self._servers: dict[tuple[str, str], tuple[int, Function, asyncio.Server]] = {}

    async def check(self, revision: Revision) -> None:
        """Refuse a port that another has.

        Raises:
            Invalid: Naming the port.
        """
        key = (revision.namespace, revision.function)
        if not revision.h2c_port or self._servers.get(key, (0,))[0] == revision.h2c_port:
            return
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(asyncio.Protocol, self._host, revision.h2c_port)
        except OSError as error:
            raise Invalid(
                f"port {revision.h2c_port} cannot be opened ({error.strerror})",
                "give the h2c port of the container another number",
            ) from error
        server.close()

    async def sync(self) -> None:
        """Open listeners of new services, close those of services that are gone."""
        wanted = {
            key: function
            for key, function in self._plane.functions.items()
            if function.deployment.current.h2c_port
        }
        for key, (port, function, server) in list(self._servers.items()):
            # A function that was removed and deployed again is another one.
            if wanted.get(key) is not function or function.deployment.current.h2c_port != port:
                server.close()
                del self._servers[key]
        for key, function in wanted.items():
            if key not in self._servers:
                port = function.deployment.current.h2c_port
                try:
                    self._servers[key] = port, function, await self._open(function, port)
                except OSError as error:
                    log.warning("port cannot be opened", port=port, error=str(error))

    def close(self) -> None:
        """Take no more connections."""
        for *_, server in self._servers.values():
            server.close()
        self._servers.clear()

    async def _open(self, function: Function, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Tunnel(self._calls, function), self._host, port)
