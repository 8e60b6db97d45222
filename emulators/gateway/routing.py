"""Where a request goes, from its target and host alone (pure)."""

import functools
from typing import Literal

import msgspec

Kind = Literal["function", "async", "other"]

FUNCTION = b"/function/"
ASYNC = b"/async-function/"
_CACHED_LENGTH = 256  # longer addresses are rare, and must not fill the memory
BROKER_HOST = b"broker-ingress.knative-eventing.localhost"
LOCAL_SUFFIX = b".localhost"


class Route(msgspec.Struct, frozen=True):
    """A parsed address.

    Attributes:
        kind: What the address asks for.
        name: The function as written (``name`` or ``name.namespace``), empty for ``other``.
        path: What the function sees, or the gateway itself: path and query, starting with ``/``.
    """

    kind: Kind
    name: str
    path: bytes


def origin_form(target: bytes) -> bytes:
    """The path and query of a request target that may be a whole address (RFC 9112, 3.2.2)."""
    if target.startswith(b"/") or b"://" not in target:
        return target
    rest = target.split(b"://", 1)[1]
    at = min((i for i in (rest.find(b"/"), rest.find(b"?")) if i >= 0), default=len(rest))
    path = rest[at:]
    return path if path.startswith(b"/") else b"/" + path


@functools.lru_cache(maxsize=1024)
def _known(target: bytes, host: bytes) -> Route:
    return _decide(target, host)


def route(target: bytes, host: bytes) -> Route:
    """Decides by host first (``{name}.{namespace}.localhost``), then by path.

    Args:
        target: Path and query as sent.
        host: The Host header, empty if there is none.
    """
    short = len(target) + len(host) < _CACHED_LENGTH
    return _known(target, host) if short else _decide(target, host)


def _decide(target: bytes, host: bytes) -> Route:
    if host.split(b":", 1)[0].lower() == BROKER_HOST:
        return Route("other", "", b"/broker" + target)
    if host:
        name = host_function(host)
        if name:
            return Route("function", name, target)
    if target.startswith(FUNCTION):
        return _named("function", target, len(FUNCTION))
    if target.startswith(ASYNC):
        return _named("async", target, len(ASYNC))
    return Route("other", "", target)


def host_function(host: bytes) -> str:
    """``name.namespace`` for a host ``name.namespace.localhost``, else nothing."""
    bare = host.split(b":", 1)[0].lower()
    if not bare.endswith(LOCAL_SUFFIX):
        return ""
    labels = bare[: -len(LOCAL_SUFFIX)].split(b".")
    return b".".join(labels).decode("latin-1") if len(labels) == 2 and all(labels) else ""


def _named(kind: Kind, target: bytes, start: int) -> Route:
    end = len(target)
    for mark in (b"/", b"?"):
        at = target.find(mark, start, end)
        if at >= 0:
            end = at
    path = target[end:]
    if not path.startswith(b"/"):
        path = b"/" + path
    return Route(kind, target[start:end].decode("latin-1"), path)
