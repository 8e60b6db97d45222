"""Header fields that go with an event through a broker, besides the event's own (pure)."""

from collections.abc import Iterable

Fields = tuple[tuple[bytes, bytes], ...]

_NAMES = frozenset((b"x-request-id", b"retry-after", b"traceparent", b"tracestate", b"baggage"))
_PREFIXES = (b"knative-", b"x-b3-")


def passed_on(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return what a subscriber sees of the fields that came with an event.

    Args:
        fields: Names in lower case.
    """
    return tuple(f for f in fields if f[0] in _NAMES or f[0].startswith(_PREFIXES))
