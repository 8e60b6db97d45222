"""Ids of calls."""

import random

_draw = random.Random().getrandbits  # noqa: S311 - spreads load, no secret


def new_call_id() -> bytes:
    """Return a random UUID, much faster than the library's (which asks the kernel each time)."""
    text = b"%032x" % _draw(128)
    return b"-".join((text[:8], text[8:12], b"4" + text[13:16], b"8" + text[17:20], text[20:]))
