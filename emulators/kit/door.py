"""Whom a listener answers: the names it goes by, and the pages that may call it (pure).

A page that is open in the user's browser reaches loopback as every program does, and it is a
stranger. It comes in two ways: as itself, from another origin, which its `Origin` and
`Sec-Fetch-Site` tell; or by a name of its own that it makes point here (DNS rebinding), which the
`Host` tells. Browsers let no page set these fields. Other clients send no `Origin`, and nothing
changes for them.
"""

import ipaddress
import re
from collections.abc import Iterable

ANY = "*"
_HOST = re.compile(
    r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::\d{0,5})?"
)
_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*")
_ORIGIN = re.compile(r"https?://(?P<host>[^/?#@\s]+)")
_ORIGIN_OR_ANY = re.compile(rf"{_ORIGIN.pattern}|{re.escape(ANY)}")
_OWN_SITES = frozenset(("", "same-origin", "none"))
_UNBOUND = frozenset(("", "0.0.0.0", "::"))  # noqa: S104 - names no address; nothing is bound


class Door:
    """The names and origins that one listener answers to.

    Args:
        hosts: Names besides loopback's own, `*.example.org` for all below a name.
        origins: Origins of other pages that may call; `*` for all.
        bound: The address that is listened on: one that names an interface is a name, too.
    """

    def __init__(
        self, hosts: Iterable[str] = (), origins: Iterable[str] = (), bound: str = ""
    ) -> None:
        names = {*hosts, *({bound} - _UNBOUND)}
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._ends = tuple(name[1:] for name in names if name.startswith("*."))
        self._origins = frozenset(origins)

    def knows(self, host: str) -> bool:
        """Tell whether a request for this host (as in its `Host`) is meant for this listener."""
        name = host_name(host)
        return is_loopback(name) or name in self._names or name.endswith(self._ends)

    def admits(self, origin: str) -> bool:
        """Tell whether pages of another origin may call."""
        return ANY in self._origins or (bool(origin) and origin.lower() in self._origins)


def from_other_page(host: str, origin: str, site: str) -> bool:
    """Tell whether a page of another origin made a browser send this.

    Args:
        host: The `Host` field; it has been checked.
        origin: The `Origin` field, empty where there is none.
        site: The `Sec-Fetch-Site` field, empty where there is none. Another port of this machine is
            the same site, but another origin.
    """
    if site not in _OWN_SITES:
        return True
    return bool(origin) and origin.partition("://")[2].lower() != host.lower()


def host_name(host: str) -> str:
    """Return the name in a `Host`, in lower case, without port, brackets, last dot; "" for none."""
    found = _HOST.fullmatch(host.lower())
    return (found["six"] or found["name"]) if found else ""


def is_loopback(name: str) -> bool:
    """Tell whether a name is this machine's own, whatever DNS says: RFC 6761 keeps localhost so."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback_origin(origin: str) -> bool:
    """Tell whether an `Origin` is a page that this machine serves."""
    found = _ORIGIN.fullmatch(origin.lower())
    return found is not None and is_loopback(host_name(found["host"]))


def read_hosts(text: str, variable: str) -> tuple[str, ...]:
    """Return host names from a setting, apart by commas or spaces.

    Raises:
        ValueError: Naming the variable, the value and what is wanted.
    """
    wanted = "a host is wanted, such as a.example.org or *.example.org, without scheme or port"
    return _read(text, variable, _PATTERN, wanted)


def read_origins(text: str, variable: str) -> tuple[str, ...]:
    """Return origins from a setting, apart by commas or spaces.

    Raises:
        ValueError: Naming the variable, the value and what is wanted.
    """
    wanted = "an origin is wanted, such as https://app.example.org or http://localhost:3000, or *"
    return _read(text, variable, _ORIGIN_OR_ANY, wanted)


def _read(text: str, variable: str, form: re.Pattern[str], wanted: str) -> tuple[str, ...]:
    listed = tuple(text.lower().replace(",", " ").split())
    for one in listed:
        if not form.fullmatch(one):
            raise ValueError(f"{variable}: {one!r}: {wanted}")
    return listed
