"""Server-sent events, as the HTML standard has them."""

STREAM = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
"""The second tells proxies of nginx's kind to pass each event on at once."""
ALIVE = ": still here\n\n"
"""A comment: it keeps proxies from taking a quiet stream for a dead one."""


def event(data: str, name: str = "", id_: str = "") -> str:
    """Return one event; an id that would not be one line is left out."""
    head = f"event: {name}\n" if name else ""
    head += f"id: {id_}\n" if id_.isprintable() and id_ else ""
    return head + "".join(f"data: {line}\n" for line in data.splitlines()) + "\n"
