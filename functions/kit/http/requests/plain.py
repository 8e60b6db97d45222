"""Requests of the plain form, which need none of a web framework's objects.

Most predictions are: a POST of JSON or bytes, by a path in ASCII, with nothing odd in its head.
What such a request says stands in its environment as it is. Whatever is not plain goes the usual
way, by Flask's request; the handlers are the same, and so are the answers.
"""

from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TYPES = frozenset(("application/json", "application/octet-stream"))
METHOD = "POST"
LONGEST_LENGTH = 18  # digits


class Asked(Protocol):
    """What a handler of plain requests may read of them; Flask's request has all of it."""

    @property
    def environ(self) -> "WSGIEnvironment":
        """Return the environment; headers stand in it by WSGI's names."""

    @property
    def method(self) -> str:
        """Return HTTP's method."""

    @property
    def path(self) -> str:
        """Return the path, without the query."""

    @property
    def content_type(self) -> str | None:
        """Return the body's type as it was sent."""

    @property
    def mimetype(self) -> str:
        """Return the body's type in small letters, without parameters."""

    @property
    def content_length(self) -> int | None:
        """Return the bytes of the body; None where they come in chunks, or nothing says it."""

    @property
    def stream(self) -> IO[bytes]:
        """Return the body, to be read."""


class PlainRequest:
    """A request of the plain form."""

    __slots__ = ("content_length", "content_type", "environ", "mimetype", "path", "stream")
    method = METHOD

    def __init__(
        self, environ: "WSGIEnvironment", content_type: str, content_length: int | None
    ) -> None:
        self.environ = environ
        self.path: str = environ["PATH_INFO"]
        self.content_type = self.mimetype = content_type
        self.content_length = content_length
        self.stream: IO[bytes] = environ["wsgi.input"]


def plain_request(environ: "WSGIEnvironment") -> PlainRequest | None:
    """Return the request of an environment, or None where it is not plain."""
    said = environ.get
    kind = said("CONTENT_TYPE")
    if kind not in TYPES or environ["REQUEST_METHOD"] != METHOD:
        return None
    path = environ["PATH_INFO"]
    if "wsgi.input_terminated" not in environ or not (path.isascii() and path.startswith("/")):
        return None
    coding, length = said("HTTP_TRANSFER_ENCODING"), said("CONTENT_LENGTH") or ""
    if coding is not None:
        return PlainRequest(environ, kind, None) if coding == "chunked" else None
    # Neither a sign, which is no number here, nor so many digits that none can be meant.
    is_number = length.isascii() and length.isdecimal() and len(length) <= LONGEST_LENGTH
    return PlainRequest(environ, kind, int(length)) if is_number else None
