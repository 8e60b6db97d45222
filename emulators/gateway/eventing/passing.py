"""Header fields that go with an event through a broker, besides the event's own (pure)."""

from collections.abc import Mapping

from emulators.gateway.model.trace_context import new_trace, trace_id

Fields = tuple[tuple[bytes, bytes], ...]

_NAMES = frozenset(("x-request-id", "retry-after", "traceparent", "tracestate", "baggage"))
_PREFIXES = ("knative-", "x-b3-")


def passed_on(headers: Mapping[str, str]) -> Fields:
    """Return what a subscriber sees of the fields that came with an event.

    Where no trace came with it, one begins.

    Args:
        headers: Names in lower case.
    """
    fields = {
        name.encode("latin-1"): value.encode("latin-1")
        for name, value in headers.items()
        if name in _NAMES or name.startswith(_PREFIXES)
    }
    if not trace_id(fields.get(b"traceparent")):
        fields[b"traceparent"] = new_trace()[1]
        fields.pop(b"tracestate", None)
    return tuple(fields.items())
