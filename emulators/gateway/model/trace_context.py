"""W3C trace context: ``traceparent`` kept where it is right, made where there is none (pure)."""

import random
import re

# What later versions add is passed on, as far as any header may have it.
_FORM = re.compile(
    rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-[!-~]{0,200})?"
)
_NEVER_ZERO = 1 << 64 | 1  # a bit of the trace's id, and one of its parent's: none may be nought
_draw = random.Random().getrandbits  # noqa: S311 - names, no secrets


def trace_id(traceparent: bytes | None) -> bytes:
    """Return the trace that a field names; empty when it is none or breaks the form."""
    match = _FORM.fullmatch(traceparent) if traceparent else None
    if match is None or not (match[1].strip(b"0") and match[2].strip(b"0")):
        return b""
    return match[1]


def new_trace() -> tuple[bytes, bytes]:
    """Return a trace's id and the field that begins it, not sampled: who exports spans decides."""
    text = (_draw(192) | _NEVER_ZERO).to_bytes(24).hex()
    return text[:32].encode(), f"00-{text[:32]}-{text[32:]}-00".encode()
