"""Where a request goes, from its target and host alone (pure)."""

import functools
import re
from typing import Literal, Protocol

import msgspec

from emulators.gateway.errors import Forbidden, GatewayError, Invalid, Misdirected
from emulators.gateway.model.apis import ALL, Api, closed
from emulators.kit.door import Door, from_other_page, host_name, is_loopback

Kind = Literal["function", "async", "other", "refused"]

FUNCTION = b"/function/"
ASYNC = b"/async-function/"
_CACHED_LENGTH = 256  # longer addresses are rare, and must not fill the memory
BROKER_INGRESS = "broker-ingress.knative-eventing"
CHANNEL = "-kn-channel"  # how the names of channels' hosts end
HOSTS_VARIABLE = "GATEWAY_ALLOWED_HOSTS"
ORIGINS_VARIABLE = "GATEWAY_ALLOWED_ORIGINS"
_NO_PAGE = (b"", b"none")  # of Sec-Fetch-Site: no browser, or an address that was typed
# How hosts of the plane end. Of the cluster's names the shortest one ends in the namespace, and a
# namespace may be called as a domain that others own: only the default one's names are known.
_PUBLIC = ".localhost"
_SUFFIXES = (_PUBLIC, ".svc.cluster.local", ".svc")
_DEFAULT_NAMESPACES = ("default", "openfaas-fn")
# What no address may hold (RFC 3986); servers behind the gateway differ in what they do with it.
_UNWRITTEN = re.compile(rb"[\x00-\x20\"#<>`\x7f-\xff]")


class Route(msgspec.Struct, frozen=True):
    """A parsed address.

    Attributes:
        kind: What the address asks for.
        name: The function as written (``name`` or ``name.namespace``), empty for ``other``.
        path: What the function sees, or the gateway itself: path and query, starting with ``/``.
        refusal: Why the address is refused, for kind ``refused``.
        outside: Whether it is one for those outside of the cluster.
    """

    kind: Kind
    name: str
    path: bytes
    refusal: GatewayError | None = None
    outside: bool = False


class Asked(Protocol):
    """What a browser says of a request.

    Attributes:
        host: The Host header.
        origin: The page's that it sends the request for; empty for none.
        site: How page and host belong together (``Sec-Fetch-Site``); empty where it does not say.
    """

    host: bytes
    origin: bytes
    site: bytes


def by_page(request: Asked) -> bool:
    """Return whether a page makes a browser send this, be it one of the gateway's own origin.

    Pages of functions have that origin, too. A page can read what it opens in a frame or a window,
    so that its links are no better than its calls; an address that somebody types is no page's.
    """
    return bool(request.origin) or request.site not in _NO_PAGE


def origin_form(target: bytes) -> bytes:
    """Return path and query of a request target that may be a whole address (RFC 9112, 3.2.2)."""
    if target.startswith(b"/") or b"://" not in target:
        return target
    rest = target.split(b"://", 1)[1]
    at = min((i for i in (rest.find(b"/"), rest.find(b"?")) if i >= 0), default=len(rest))
    path = rest[at:]
    return path if path.startswith(b"/") else b"/" + path


def named_host(target: bytes) -> bytes:
    """Return the host in a target that is a whole address; there it counts, not the field."""
    if target.startswith(b"/") or b"://" not in target:
        return b""
    return re.split(rb"[/?#]", target.split(b"://", 1)[1], maxsplit=1)[0]


class Router:
    """Finds where requests go, and refuses those that are meant for somebody else.

    Args:
        door: The hosts that the gateway has besides the plane's own.
        functions: Whether functions are to be had; else every path is the listener's own.
        apis: The platforms whose ways exist.
    """

    def __init__(self, door: Door, *, functions: bool = True, apis: frozenset[Api] = ALL) -> None:
        self.door = door
        self._apis = apis
        self._functions = functions
        self._known = functools.lru_cache(maxsize=1024)(self._decide)

    def route(self, target: bytes, host: bytes) -> Route:
        """Decide by host first (``{name}.{namespace}.localhost``), then by path.

        Args:
            target: Path and query as sent.
            host: The Host header, empty if there is none (HTTP/1.0; no browser speaks it).
        """
        short = len(target) + len(host) < _CACHED_LENGTH
        return self._known(target, host) if short else self._decide(target, host)

    def page_refusal(self, found: Route, request: Asked) -> GatewayError | None:
        """Return why a page may not make this request; None if it may, or if no page makes it.

        What functions answer to other pages is theirs to say, where a setting lets those through.
        All else is no page's business: a browser adds the password by itself once it knows it.
        """
        host, origin, site = (
            field.decode("latin-1") for field in (request.host, request.origin, request.site)
        )
        if not from_other_page(host, origin, site):
            return None
        if found.kind != "function":
            return Forbidden("pages of other origins may not call this", "use a client")
        if self.door.admits(origin):
            return None
        return Forbidden(
            f"pages of the origin {origin or 'unknown'!r} may not call functions",
            f"name it in {ORIGINS_VARIABLE}",
        )

    def _decide(self, target: bytes, host: bytes) -> Route:
        found = _UNWRITTEN.search(target)
        if found is not None:
            return Route("refused", "", target, _unwritten(found[0]))
        text = host.decode("latin-1")
        name = host_name(text)
        service = plane_name(name) if self._functions else ""
        if host and not service and not self.door.knows(text):
            return Route("refused", "", target, unknown_host(text))
        refusal = closed(self._apis, service, target) if self._apis != ALL else None
        if refusal is not None:
            return Route("refused", "", target, refusal)
        return _served(service, name, target) if self._functions else Route("other", "", target)


def by_address(target: bytes, host: str) -> Route:
    """Return where an address of this gateway leads, whoever asks."""
    name = host_name(host)
    return _served(plane_name(name), name, target)


def _served(service: str, host: str, target: bytes) -> Route:
    if service == BROKER_INGRESS:
        return Route("other", "", b"/broker" + target)
    name, _, namespace = service.partition(".")
    if name.endswith(CHANNEL):
        place = f"/channel/{namespace}/{name.removesuffix(CHANNEL)}"
        return Route("other", "", place.encode() + target)
    if service:
        return Route("function", service, target, outside=host.endswith(_PUBLIC))
    return by_path(target, outside=bool(host) and not is_loopback(host))


def by_path(target: bytes, *, outside: bool = False) -> Route:
    """Return where a path leads on the gateway's own host.

    Args:
        target: Path and query.
        outside: Whether the host is one that the gateway has for others than this machine.
    """
    if target.startswith(FUNCTION):
        return _named("function", target, len(FUNCTION), outside=outside)
    if target.startswith(ASYNC):
        return _named("async", target, len(ASYNC), outside=outside)
    return Route("other", "", target)


def plane_name(name: str) -> str:
    """Return ``name.namespace`` for a host of the plane (lower case, no port), else nothing.

    Hosts are those of Knative's domain here (``.localhost``) and of Kubernetes' services
    (``.svc.cluster.local``, ``.svc``, and nothing more in the default namespace).
    """
    suffix = next((end for end in _SUFFIXES if name.endswith(end)), "")
    labels = name.removesuffix(suffix).split(".")
    if len(labels) != 2 or not all(labels):
        return ""
    return ".".join(labels) if suffix or labels[1] in _DEFAULT_NAMESPACES else ""


def unknown_host(host: str) -> GatewayError:
    """Return the refusal of a request that is meant for another host."""
    return Misdirected(
        f"this gateway is not {host!r}",
        f"use localhost or a function's host, or name it in {HOSTS_VARIABLE}",
    )


def _unwritten(byte: bytes) -> GatewayError:
    return Invalid(
        f"the address holds {byte.decode('latin-1')!r}, which must be escaped",
        f"write %{byte[0]:02X} for it (curl: -G --data-urlencode)",
    )


def _named(kind: Kind, target: bytes, start: int, *, outside: bool) -> Route:
    end = len(target)
    for mark in (b"/", b"?"):
        at = target.find(mark, start, end)
        if at >= 0:
            end = at
    path = target[end:]
    if not path.startswith(b"/"):
        path = b"/" + path
    return Route(kind, target[start:end].decode("latin-1"), path, outside=outside)
