"""The one client for URLs that callers give: each connection resolved, checked and bound.

All addresses of a host are checked, and the connection goes to one of those very addresses; TLS is
verified against the host's name. Redirects are followed by `download` alone, which checks each;
proxies are not used, and the whole exchange is bounded in time (the resolver has its own limit) and
size.
"""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urljoin

import httpcore
import msgspec

from functions.kit.adapters.addresses import (
    VARIABLE,
    Address,
    AddressError,
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
REDIRECTS = 5
MOVED = (301, 302, 303, 307, 308)
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
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
        except _FAILURES as error:
            why = str(error) or type(error).__name__
            raise GuardedClientError(f"{target.authority} gave no answer: {why}") from error

    def download(self, url: str, write: Callable[[bytes], object]) -> None:
        """Write the body of a 200 as it comes, after up to REDIRECTS redirects, each checked.

        Raises:
            AddressError: the URL is none, or leads, or is led, where it may not.
            GuardedClientError: there was no such answer within the limits.
        """
        backend = _Backend(self._rules, self._resolver, time.monotonic() + self._seconds)
        for _ in range(REDIRECTS + 1):
            target = read_url(url)
            try:
                moved = self._download(target, backend, write)
            except _FAILURES as error:
                why = str(error) or type(error).__name__
                raise GuardedClientError(
                    f"{target.authority} gave no whole answer: {why}"
                ) from error
            if moved is None:
                return
            url = _joined(url, moved)
            if target.scheme == "https" and read_url(url).scheme != "https":
                raise GuardedClientError(f"{target.authority} leads from https to http")
        raise GuardedClientError(f"there are more than {REDIRECTS} redirects")

    def _download(
        self, target: Target, backend: "_Backend", write: Callable[[bytes], object]
    ) -> str | None:
        """Write a body; return where the host sends us instead, if it does."""
        tls = ssl.create_default_context() if target.scheme == "https" else None
        fields = [("Host", target.authority), ("Accept-Encoding", "identity"), ("Accept", "*/*")]
        address = httpcore.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path
        )
        with (
            httpcore.ConnectionPool(ssl_context=tls, network_backend=backend) as pool,
            pool.stream("GET", address, headers=fields) as response,
        ):
            headers = {k.decode().lower(): v.decode("latin-1") for k, v in response.headers}
            if response.status in MOVED and "location" in headers:
                return headers["location"]
            if response.status != 200:
                raise GuardedClientError(f"{target.authority} answered {response.status}")
            size = 0
            for piece in response.iter_stream():
                size += len(piece)
                if size > self._largest:
                    raise GuardedClientError(f"the answer is over {self._largest:,} bytes")
                write(piece)
        return None

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


def _joined(url: str, moved: str) -> str:
    """Return where a URL leads that says it has moved; raises AddressError."""
    try:
        return urljoin(url, moved)
    except ValueError as error:
        raise AddressError(f"it leads to {moved[:200]!r}, which is no URL: {error}") from error


def rules_from(env: Mapping[str, str] = os.environ) -> Rules:
    """Return what is open to callers of this function; raises AddressError."""
    parts = ports_of(env[name] for name in _PARTS if env.get(name))
    return Rules(read_entries(env.get(VARIABLE, "")), parts)


def checked(host: str, port: int, rules: Rules, resolver: Resolver) -> list[str]:
    """Return the addresses of a host that may be connected to by another client than ours.

    Raises:
        AddressError: one of them may not.
        GuardedClientError: there is none.
    """
    try:
        found = resolver.addresses(host, port)
    except (OSError, UnicodeError) as error:  # UnicodeError: it is no name of a host
        raise GuardedClientError(f"{host} has no address: {error}") from error
    for address in map(ip_address, found):
        rules.check(Target("http", host, port, "/"), address, own=resolver.is_own(address))
    return found


def from_env(
    env: Mapping[str, str] = os.environ, *, seconds: float = 30.0, largest: int = 1 << 20
) -> GuardedClient:
    """Return the client of this function's environment; the limits are GuardedClient's.

    Raises:
        AddressError: MAYFLY_ALLOWED_ADDRESSES cannot be read.
    """
    return GuardedClient(rules_from(env), SystemResolver(), seconds, largest)


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
            return checked(host, port, self._rules, self._resolver)
        except GuardedClientError as error:
            raise httpcore.ConnectError(str(error)) from error


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
