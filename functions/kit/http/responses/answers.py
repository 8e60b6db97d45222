"""Answers that need no web framework's objects: bytes, and what is said of them."""

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from flask import Response
from werkzeug.http import HTTP_STATUS_CODES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

JSON = "application/json"


class Answer(msgspec.Struct, frozen=True, gc=False):
    """An answer whose body is there as a whole, and not empty.

    Attributes:
        body: its bytes.
        status: of HTTP, one that lets an answer have a body.
        headers: besides the body's type and length.
        content_type: of the body.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = {}
    content_type: str = JSON

    def response(self) -> Response:
        """Return it as Flask has it."""
        return Response(self.body, self.status, self.headers, content_type=self.content_type)

    def send(self, start_response: "StartResponse") -> list[bytes]:
        """Answer as WSGI has it, with the very bytes that `response` leads to."""
        headers = [
            *self.headers.items(),
            ("Content-Type", self.content_type),
            ("Content-Length", str(len(self.body))),
        ]
        start_response(_line(self.status), headers)
        return [self.body]


@lru_cache
def _line(status: int) -> str:
    return f"{status} {HTTP_STATUS_CODES[status].upper()}"
