"""Requests read from a connection's bytes: heads within limits, bodies in pieces."""

from typing import Protocol

import httptools

from emulators.gateway.errors import GatewayError, HeadTooLarge, Invalid
from emulators.gateway.http.heads import (
    MAX_FIELDS,
    MAX_HEAD,
    Headers,
    Request,
)


class Receiver(Protocol):
    """Whom a reader tells what it reads."""

    def request_begins(self) -> None:
        """Note that the first byte of a request is there."""

    def request_head(self, request: Request) -> None:
        """Take a head that is whole; this may raise GatewayError."""

    def request_body(self, data: bytes) -> None:
        """Take a piece of the request's body."""

    def request_end(self) -> None:
        """Note that the request is whole."""


class RequestReader:
    """Parses one connection's requests.

    Args:
        receiver: Told of each part of a request.

    Attributes:
        in_head: Whether a head has begun and is not whole.
    """

    __slots__ = (
        "_first_read", "_headers", "_later_reads", "_parser", "_received", "_receiver", "_target",
        "_unfinished", "in_head", "on_message_complete",
    )  # fmt: skip

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self.on_message_complete = receiver.request_end
        self._parser = httptools.HttpRequestParser(self)
        self._headers: Headers = []
        self._target = b""
        self._received = self._first_read = self._later_reads = 0
        self._unfinished = 0  # bytes of reads since the last piece of a body, or a request's begin
        self.in_head = False

    def feed(self, data: bytes) -> bytes | None:
        """Read on.

        Returns:
            What came after the head of a request for another protocol; None as a rule.

        Raises:
            GatewayError: For a request that cannot be understood, or in which the head, a chunk's
                extension, or the trailer is too large.
        """
        self._received = len(data)
        if self.in_head:
            self._later_reads += self._received
        else:
            self._unfinished += self._received
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._parser = httptools.HttpRequestParser(self)
            return data[upgrade.args[0] :]
        except httptools.HttpParserError as error:
            raise _reason(error) from error
        if self.in_head and self._later_reads > MAX_HEAD:
            raise _too_large()
        if self._unfinished > MAX_HEAD:
            raise HeadTooLarge(
                "what frames the request's body is too large",
                f"at most {MAX_HEAD} bytes in a chunk's extension, or a trailer",
            )
        return None

    # The parser's side.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._target = b""
        self._headers = []
        # The read that a head begins in may hold other requests before it.
        self._first_read, self._later_reads = self._received, 0
        self._unfinished = 0
        self.in_head = True
        self._receiver.request_begins()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field; those after the body are dropped."""
        if self.in_head:
            self._headers.append((name.lower(), value))

    def on_body(self, data: bytes) -> None:
        """Take a piece of the body."""
        self._unfinished = 0
        self._receiver.request_body(data)

    def on_headers_complete(self) -> None:
        """Note that the head is whole."""
        parser, headers = self._parser, self._headers
        self.in_head = False
        read = self._first_read + self._later_reads
        if read > MAX_HEAD and _size(self._target, headers) > MAX_HEAD:
            raise _too_large()
        if len(headers) > MAX_FIELDS:
            raise _too_large()
        request = Request(
            parser.get_method(),
            self._target,
            headers,
            parser.get_http_version(),
            keep_alive=parser.should_keep_alive(),
        )
        if parser.should_upgrade():
            request.check_upgrade(asked=True)
        elif request.upgrade:
            request.check_upgrade(asked=False)
        self._receiver.request_head(request)


def _reason(error: httptools.HttpParserError) -> GatewayError:
    cause = error.__context__
    if isinstance(cause, GatewayError):
        return cause
    if cause is not None:
        raise error
    return Invalid(f"not HTTP/1.1: {error}", "correct the request")


def _size(target: bytes, headers: Headers) -> int:
    return len(target) + sum(len(name) + len(value) + 4 for name, value in headers)


def _too_large() -> GatewayError:
    return HeadTooLarge(
        "the request's head is too large", f"at most {MAX_HEAD} bytes and {MAX_FIELDS} fields"
    )
