"""The trace that a request belongs to (W3C `traceparent`), for its calls and its lines of the log.

It counts for the current context: a request's thread, or task. What came is kept as it is, and read
only where it is needed: most requests neither call anybody nor log.
"""

import os
from contextvars import ContextVar

from functions.kit.lazy import pattern

TRACEPARENT = "traceparent"
# What later versions add is passed on, as far as any header may have it: gRPC refuses the rest.
_FORM = pattern(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]{0,200})?"
)
_NEVER_ZERO = 1 << 64 | 1  # a bit of the trace's id, and one of its parent's: none may be nought
_NONE = ""

came_with: ContextVar[str | None] = ContextVar(TRACEPARENT, default=None)
"""What the context's request came with, whatever that is; None outside of requests."""


def current() -> str:
    """Return the field for calls of this context; "" outside of requests.

    Where what came is none, a trace begins here. It is not sampled: who exports spans decides.
    """
    given = came_with.get()
    if given is None:
        return _NONE
    if _FORM.fullmatch(given):
        return given
    # Not by a generator of this process: what is forked would draw the same.
    text = (int.from_bytes(os.urandom(24)) | _NEVER_ZERO).to_bytes(24).hex()
    made = f"00-{text[:32]}-{text[32:]}-00"
    came_with.set(made)
    return made


def headers() -> dict[str, str]:
    """Return the field as a header for calls of this context; none outside of requests."""
    field = current()
    return {TRACEPARENT: field} if field else {}


def current_id() -> str:
    """Return the id of this context's trace; "" outside of requests."""
    return id_of(current())


def id_of(field: str) -> str:
    """Return the trace that a field names; "" where it names none."""
    found = _FORM.fullmatch(field)
    return found[1] if found else _NONE
