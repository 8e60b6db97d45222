"""Connections to addresses that were given: resolved, checked, and bound to what was checked."""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from functools import cached_property
from ipaddress import ip_address
from typing import Protocol

from emulators.gateway.model.addresses import (
    Address,
    Rules,
    Target,
    is_own,
)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Resolver(Protocol):
    """Knows addresses."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a host, the preferred one first.

        Raises:
            OSError: When there is none.
        """

    def is_own(self, address: Address) -> bool:
        """Tell whether it is an address of this machine."""


class SystemResolver:
    """Asks the system."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a host, the preferred one first."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))

    def is_own(self, address: Address) -> bool:
        """Tell whether it is an address of this machine."""
        return is_own(address)


class Outward:
    """Opens connections to addresses that were given.

    Args:
        rules: Which may be connected to; None: any, for those that the operator gave.
        resolver: Knows addresses.
    """

    def __init__(self, rules: Rules | None, resolver: Resolver) -> None:
        self._rules = rules
        self._resolver = resolver

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def check_known(self, target: Target) -> None:
        """Refuse at once what needs no resolver.

        Raises:
            AddressError: It may not be connected to.
        """
        if target.known is not None and self._rules is not None:
            self._rules.check(target, target.known)

    async def open(self, target: Target) -> Streams:
        """Connect; certificates are verified against the URL's host.

        Each of the host's addresses must pass the rules, and the connection goes to one of these
        very addresses: nothing is resolved a second time.

        Raises:
            AddressError: It may not be connected to.
            OSError: It cannot be reached.
        """
        addresses = await self._resolver.addresses(target.host, target.port)
        for address in map(ip_address, addresses):
            if self._rules is not None:
                self._rules.check(target, address, own=self._resolver.is_own(address))
        return await self._connect(target, addresses)

    async def _connect(self, target: Target, addresses: Iterable[str]) -> Streams:
        tls = self._tls if target.scheme == "https" else None
        name = target.host if tls else None
        failure = OSError(f"{target.host} has no address")
        for address in addresses:
            try:
                return await asyncio.open_connection(
                    address, target.port, ssl=tls, server_hostname=name
                )
            except OSError as error:
                failure = error
        raise failure
