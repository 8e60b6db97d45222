"""W3C trace context: ``traceparent`` kept where it is right, made where there is none (pure)."""

import random
import re

_FORM = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_draw = random.Random().getrandbits  # noqa: S311 - names, no secrets


def trace_id(traceparent: bytes | None) -> bytes:
    """Return the trace that a field names; empty when it is none or breaks the form."""
    match = _FORM.fullmatch(traceparent) if traceparent else None
    if match is None or not (match[1].strip(b"0") and match[2].strip(b"0")):
        return b""
    return match[1]


def new_trace() -> tuple[bytes, bytes]:
    """Return a trace's id and the field that begins it, not sampled: who exports spans decides."""
    identity = b"%032x" % (_draw(128) or 1)
    return identity, b"00-%b-%016x-00" % (identity, _draw(64) or 1)
