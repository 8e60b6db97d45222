"""The trace that a request belongs to (W3C `traceparent`), for its calls and its lines of the log.

What is set counts for the current context, a request's, as credentials do.
"""

import re
import secrets
from contextvars import ContextVar

TRACEPARENT = "traceparent"
# What later versions add is passed on, as far as any header may have it.
_FORM = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]{0,200})?"
)
_NEVER_ZERO = 1 << 64 | 1  # a bit of the trace's id, and one of its parent's: none may be nought
_current: ContextVar[str] = ContextVar(TRACEPARENT, default="")


def begin(given: str | None) -> str:
    """Let what follows in this context belong to a trace; return its field.

    Args:
        given: the field that came with the request; another is made where it is none. That one is
            not sampled: who exports spans decides.
    """
    field = given if given and _FORM.fullmatch(given) else _new()
    _current.set(field)
    return field


def go_on(field: str) -> None:
    """Let what follows in this context have that field's span as its parent."""
    _current.set(field)


def headers() -> dict[str, str]:
    """Return the field for calls of this context; none outside of a trace."""
    field = _current.get()
    return {TRACEPARENT: field} if field else {}


def current_id() -> str:
    """Return the id of this context's trace; "" outside of one."""
    found = _FORM.fullmatch(_current.get())
    return found[1] if found else ""


def _new() -> str:
    # Not by a generator of this process: gunicorn's workers are forked, and would draw the same.
    text = (int.from_bytes(secrets.token_bytes(24)) | _NEVER_ZERO).to_bytes(24).hex()
    return f"00-{text[:32]}-{text[32:]}-00"
