"""The one client for URLs that callers give: each connection resolved, checked and bound.

All addresses of a host are checked, and the connection goes to one of those very addresses; TLS is
verified against the host's name. Redirects are not followed, proxies not used, and the whole
exchange is bounded in time (the resolver has its own limit) and size.
"""

import os
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Protocol

import httpcore
import msgspec

from functions.kit.adapters.addresses import (
    VARIABLE,
    Address,
    Rules,
    Target,
    is_own,
    ports_of,
    read_entries,
    read_url,
)

_PARTS = (
    *("FIRESTORE_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"),
    *("MAYFLY_GATEWAY_URL", "MAYFLY_FUNCTION_URL", "MAYFLY_INGRESS"),
)
_PIECE = 64 * 1024
Options = Iterable[httpcore.SOCKET_OPTION]


class GuardedClientError(Exception):
    """The host did not answer, answered too much, or too late; the text says which."""


class Resolver(Protocol):
    """Knows addresses."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a host; raises OSError when there is none."""

    def is_own(self, address: Address) -> bool:
        """Tell whether it is an address of this machine."""


class SystemResolver:
    """Asks the system."""

    def addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a host; raises OSError when there is none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))

    def is_own(self, address: Address) -> bool:
        """Tell whether it is an address of this machine."""
        return is_own(address)


class Answer(msgspec.Struct, frozen=True):
    """What a host answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class GuardedClient:
    """Asks addresses that callers gave.

    Args:
        rules: which may be connected to.
        resolver: knows addresses.
        seconds: for the whole exchange.
        largest: most bytes of an answer's body.
    """

    def __init__(
        self, rules: Rules, resolver: Resolver, seconds: float = 30.0, largest: int = 1 << 20
    ) -> None:
        self._rules = rules
        self._resolver = resolver
        self._seconds = seconds
        self._largest = largest

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer:
        """Return the whole answer, as it was sent (no encoding is asked for or undone).

        Raises:
            AddressError: the URL is none, or leads where it may not.
            GuardedClientError: there was no answer within the limits.
        """
        target = read_url(url)
        backend = _Backend(self._rules, self._resolver, time.monotonic() + self._seconds)
        tls = ssl.create_default_context() if target.scheme == "https" else None
        fields = {"Host": target.authority, "Accept-Encoding": "identity", **headers}
        address = httpcore.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path
        )
        try:
            with httpcore.ConnectionPool(ssl_context=tls, network_backend=backend) as pool:
                return self._ask(pool, method, address, fields, content)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            why = str(error) or type(error).__name__
            raise GuardedClientError(f"{target.authority} gave no answer: {why}") from error

    def _ask(
        self,
        pool: httpcore.ConnectionPool,
        method: str,
        url: httpcore.URL,
        headers: dict[str, str],
        content: bytes,
    ) -> Answer:
        with pool.stream(method, url, headers=list(headers.items()), content=content) as response:
            body = bytearray()
            for piece in response.iter_stream():
                body += piece
                if len(body) > self._largest:
                    raise GuardedClientError(f"the answer is over {self._largest:,} bytes")
            fields = {k.decode().lower(): v.decode("latin-1") for k, v in response.headers}
            return Answer(response.status, fields, bytes(body))


def from_env(env: Mapping[str, str] = os.environ) -> GuardedClient:
    """Return the client of this function's environment.

    Raises:
        AddressError: MAYFLY_ALLOWED_ADDRESSES cannot be read.
    """
    parts = ports_of(env[name] for name in _PARTS if env.get(name))
    return GuardedClient(Rules(read_entries(env.get(VARIABLE, "")), parts), SystemResolver())


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses alone; everything has to be over at one time."""

    def __init__(self, rules: Rules, resolver: Resolver, end: float) -> None:
        self._rules = rules
        self._resolver = resolver
        self._end = end
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the interface's; the end counts
        local_address: str | None = None,  # noqa: ARG002 - the interface's
        socket_options: Options | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._checked(host, port):
            try:
                stream = self._system.connect_tcp(
                    address, port, _left(self._end), socket_options=socket_options
                )
                return _Bounded(stream, self._end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolver.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        target = Target("http", host, port, "/")
        for address in map(ip_address, found):
            self._rules.check(target, address, own=self._resolver.is_own(address))
        return found


class _Bounded(httpcore.NetworkStream):
    """A connection on which nothing waits past one end: slow drops do not prolong it."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the interface's
        return self._inner.read(max_bytes, _left(self._end))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the interface's
        for at in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[at : at + _PIECE], _left(self._end))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the interface's
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, _left(self._end))
        return _Bounded(inner, self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return left
