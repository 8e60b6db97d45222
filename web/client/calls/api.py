"""What all functions may be asked, and any of it, asked as it is written."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from web.client.transport.endpoint import Endpoint, Params

MOST_BYTES = 256 << 10
"""Of an answer: a page shows no more."""


class Written(NamedTuple):
    """A call as somebody wrote it; the path is below the function."""

    method: str
    path: str
    params: Params
    headers: Mapping[str, str]
    body: bytes | None


class Came(NamedTuple):
    """What came: the status, the media type, and the beginning of the body; `whole`: all of it."""

    status: int
    kind: str
    content: bytes
    whole: bool


class Api:
    """The functions by name.

    Args:
        endpoints: each function's.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints

    @property
    def names(self) -> list[str]:
        """Return which functions there are."""
        return list(self._endpoints)

    def document(self, function: str) -> dict[str, Any]:
        """Return the OpenAPI document that a function gives the reader."""
        return self._endpoints[function].call(dict[str, Any], "GET", "/openapi.json")

    def ask(self, function: str, call: Written) -> Came:
        """Ask a function in the reader's name, once, and return what came, whatever it is.

        Raises:
            Failure: nothing came.
            SignedOut: the reader's session does not count.
        """
        with self._endpoints[function].whatever(
            call.method, call.path, params=call.params, content=call.body, headers=call.headers
        ) as response:
            content = bytearray()
            for piece in response.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES:
                    break
            kind = response.headers.get("Content-Type", "")
            whole = len(content) <= MOST_BYTES
            return Came(response.status_code, kind, bytes(content[:MOST_BYTES]), whole)


def pretty(content: bytes) -> bytes:
    """Return JSON over several lines, its numbers as they came.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return msgspec.json.format(content, indent=2)
