"""Ids of calls."""

import random

_draw = random.Random().getrandbits  # noqa: S311 - spreads load, no secret


def new_call_id() -> bytes:
    """Return a random UUID, much faster than the library's (which asks the kernel each time)."""
    text = _draw(128).to_bytes(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}".encode()
