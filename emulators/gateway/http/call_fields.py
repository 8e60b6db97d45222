"""Fields that tell of a call: to its function where it came from, to its caller what it took."""

from emulators.gateway.http.heads import Headers, Request


def answer_fields(call_id: bytes, started: int, seconds: float) -> Headers:
    """Tell with every answer to a call its id, when it began (Unix nanoseconds), how long."""
    return [
        (b"x-call-id", call_id),
        (b"x-duration-seconds", b"%f" % seconds),
        (b"x-start-time", b"%d" % started),
    ]


def hops(request: Request, peer: bytes) -> bytes:
    """Return the addresses that a call came by, the sender's own last."""
    return peer if request.forwarded is None else request.forwarded + b", " + peer


def forwarded_fields(request: Request, peer: bytes) -> Headers:
    """Return where a call came from, for the function."""
    return [
        (b"x-forwarded-for", hops(request, peer)),
        (b"x-forwarded-host", request.host),
        (b"x-forwarded-proto", b"http"),
    ]
