"""Where a URL that a caller gave may lead: to public addresses, and to what is allowed.

A part of Mayfly may not import another, and two need these rules: the same text stands in
`emulators/gateway/model/addresses.py` and `functions/kit/adapters/addresses.py`, and a test
holds them equal.
"""

import errno
import re
import socket
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import quote, urlsplit

import msgspec

VARIABLE = "MAYFLY_ALLOWED_ADDRESSES"
Address = IPv4Address | IPv6Address

_PORTS = {"http": 80, "https": 443}
_UNSPEAKABLE = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label that resolvers read as a part of an address
_ENTRY = re.compile(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5}))?")  # [v6] or other, and a port
_MOST = 65535
_KEPT = "/:=&?~+!$,;'@()*[]%"
_LOOPBACK = IPv4Address("127.0.0.1")
_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that has been given to anybody (RFC 4291)
_NAT64 = IPv6Network("64:ff9b::/96")
# The registries of special-purpose addresses (RFC 6890), and multicast.
_SPECIAL = tuple(
    ip_network(text)
    for text in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    ]
)


class AddressError(ValueError):
    """A URL is none of http, or leads where it may not; the text says which and why."""


class Target(msgspec.Struct, frozen=True):
    """A URL, read.

    Attributes:
        host: A name in lower-case ASCII without a dot at its end, or an address as usually written.
        path: Path and query, in ASCII.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the field Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def known(self) -> Address | None:
        """The address that is clear without asking a resolver: a literal, or localhost's."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return _LOOPBACK
        return _literal(self.host)


class Entry(msgspec.Struct, frozen=True):
    """One thing that is allowed: a host's name, or addresses; at one port, or (0) any."""

    name: str = ""
    network: IPv4Network | IPv6Network | None = None
    port: int = 0

    def covers(self, host: str, address: Address) -> bool:
        """Tell whether it names the host or holds its address, also one within an IPv6 address."""
        if self.network is None:
            return host == self.name
        inner = embedded(address)
        return address in self.network or (inner is not None and inner in self.network)


class Rules(msgspec.Struct, frozen=True):
    """What is open besides public addresses.

    Attributes:
        entries: What the operator allows.
        parts: Ports of the system's own parts; an entry without a port does not open them.
        never: Ports of this machine that no entry opens.
    """

    entries: tuple[Entry, ...] = ()
    parts: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()

    def check(self, target: Target, address: Address, *, own: bool = False) -> None:
        """Let pass what may be connected to.

        Args:
            target: What the URL says.
            address: One of the host's.
            own: Whether it is an address of this machine.

        Raises:
            AddressError: It may not.
        """
        sealed = target.port in self.never and (own or address.is_loopback)
        if not sealed and any(self._opens(e, target, address) for e in self.entries):
            return
        if sealed or own or not is_public(address):
            raise AddressError(
                f"{target.authority} leads to a private address, which is not open to callers; "
                f"who runs the system can allow it in {VARIABLE}"
            )

    def _opens(self, entry: Entry, target: Target, address: Address) -> bool:
        if entry.port != target.port and (entry.port or target.port in self.parts):
            return False
        return entry.covers(target.host, address)


def read_url(url: str) -> Target:
    """Read a URL.

    Raises:
        AddressError: It is none of http or https, holds a user's name, or its host is spelt oddly.
    """
    if _UNSPEAKABLE.search(url):
        raise AddressError(f"{url!r} holds a space, a control character or a backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise AddressError(f"{url!r} is no http address such as http://host/path")
    if "@" in parts.netloc:
        raise AddressError(f"{parts.hostname!r} comes after a user's name: leave that out")
    path = quote(parts.path or "/", _KEPT)
    if parts.query:
        path += "?" + quote(parts.query, _KEPT)
    host = _address(parts.hostname) if "[" in parts.netloc else _host(parts.hostname)
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _host(text: str) -> str:
    try:
        name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise AddressError(f"{text!r} is no host's name: {error}") from error
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _address(name)
    if not _NAME.fullmatch(name):
        raise AddressError(f"{text!r} is no host's name")
    return name


def _address(text: str) -> str:
    found = None if "%" in text else _literal(text)  # a zone names a link of this machine
    if found is None:
        raise AddressError(f"{text!r} is an odd spelling of an address: write it plainly")
    return str(found)


def _literal(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Tell whether an address is anybody's on the internet; one within an IPv6 address counts."""
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    if address.version == 6 and address not in _UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


def embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: mapped, 6to4, NAT64."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def is_own(address: Address) -> bool:
    """Tell whether it is an address of this machine: a socket can be bound to no other."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError as error:
        return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL)
    return True


def read_entries(text: str) -> tuple[Entry, ...]:
    """Read what is allowed: hosts, addresses, CIDR ranges, each with `:port` or without.

    Raises:
        AddressError: Naming the entry that is none of these.
    """
    return tuple(_entry(part) for part in re.split(r"[\s,]+", text) if part)


def _entry(text: str) -> Entry:
    match = _ENTRY.fullmatch(text)
    bare, port = (match[1] or match[2], int(match[3] or 0)) if match else (text, 0)
    try:
        if port > _MOST:
            raise ValueError(f"a port is at most {_MOST}")  # noqa: TRY301 - one place names the entry
        if match and match[2] and not _NUMBER.fullmatch(bare.rpartition(".")[2].partition("/")[0]):
            return Entry(_host(bare), port=port)
        return Entry(network=ip_network(bare), port=port)
    except ValueError as error:
        raise AddressError(
            f"{VARIABLE}: {text!r}: a host, an address or a CIDR range is wanted, with :port or "
            f"without ({error})"
        ) from error


def ports_of(urls: Iterable[str]) -> frozenset[int]:
    """Find the ports of addresses such as `host:port`, `http://host:port` or `nats://host:port`."""
    found = (urlsplit(url if "://" in url else f"//{url}").port for url in urls)
    return frozenset(port for port in found if port)
