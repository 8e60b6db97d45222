"""The network beneath the client: each step of a call takes what is left of the call's time.

HTTPX limits single steps: a read may take as long as the whole call, and the read after it again.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from web.addresses import Ingress
from web.client.transport.time_limits import shortened


class DeadlineTransport(httpx.HTTPTransport):
    """HTTPX's own transport, over sockets that know when the call must be over.

    Args:
        limits: of the pool.
        ingress: what to connect to whatever the host; Host header and certificate stay the host's.
    """

    def __init__(self, limits: httpx.Limits, ingress: Ingress | None = None) -> None:
        context = httpx.create_ssl_context()
        super().__init__(verify=context, limits=limits)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Backend(ingress),
        )


class _Backend(httpcore.SyncBackend):
    def __init__(self, ingress: Ingress | None) -> None:
        self._ingress = ingress

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        host, port = self._ingress or (host, port)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    try:
        return shortened(timeout)
    except TimeoutError as late:
        raise error(str(late)) from late
