"""Requests of the form that nearly all clients send, read at once and not byte by byte.

Only what no two readers could read in two ways has that form: everything else is the parser's.
"""

import re

from emulators.gateway.http.heads import Headers, Request

_LONGEST = 4096  # bytes of a head
_FORM = re.compile(
    rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (/[!-~]*+) HTTP/1\.1\r\n"
    rb"((?:[\w-]++: [!-~](?:[ -~]*+(?<! ))?\r\n){1,64}+)\r\n"
)
# What has a say in how a message goes on, besides its length.
_FRAMING = frozenset(
    (b"connection", b"transfer-encoding", b"upgrade", b"expect", b"te", b"trailer")
)


def whole_request(data: bytes) -> Request | None:
    """Return a request that is there with its whole body, and nothing behind it; None for others.

    Raises:
        GatewayError: For one that is to be refused.
    """
    match = _FORM.match(data, 0, _LONGEST)
    if match is None:
        return None
    headers: Headers = []
    for line in match[3].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b": ")
        lower = name.lower()
        if lower in _FRAMING and not (lower == b"connection" and value.lower() == b"keep-alive"):
            return None
        headers.append((lower, value))
    request = Request(match[1], match[2], headers, "1.1", keep_alive=True)
    return request if match.end() + (request.length or 0) == len(data) else None
