"""A small HTTP/1.1 server: whole requests in, whole or streamed answers out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httptools

from emulators.firestore.transport.http.messages import Request, Response
from emulators.firestore.transport.limits import MAX_REQUEST_BYTES, TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MAX_HEAD_BYTES = 64 * 1024
IDLE_SECONDS = 75.0
LINGER_SECONDS = 2.0
_MOST_WAITING = 16
_LENGTH_DIGITS = 18
_FIELD_BYTES = 4  # of a field's colon, space and line end: many small fields are a long head, too
_LONG_HEAD = "The head of the request is too long."
_LOG = logging.getLogger(__name__)


class HttpConnection(asyncio.Protocol):
    """One client's connection; requests are answered one after the other.

    Args:
        handle: Answers a request; it maps its own errors.
    """

    def __init__(self, handle: Callable[[Request], Awaitable[Response]]) -> None:
        self._handle = handle
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._url = bytearray()
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._head_size = 0
        self._unfinished = 0  # bytes of reads since the parser last told us of anything
        self._waiting: deque[tuple[Request | Response, bool]] = deque()
        self._answering: asyncio.Task[None] | None = None
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a request."""
        self._transport = transport
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Parse; requests that come while an answer is under way wait for their turn."""
        if self._refused:
            return
        self._unfinished += len(data)
        try:
            self._parser.feed_data(data)
            if self._unfinished > MAX_HEAD_BYTES:  # of one field, which the parser keeps
                self._refuse(431, _LONG_HEAD)
        except httptools.HttpParserUpgrade:
            self._refuse(400, "Upgrades are not supported.")
        except httptools.HttpParserCallbackError as error:
            self._refuse_what_was_raised(error.__context__)
        except httptools.HttpParserError:
            self._refuse(400, "That is not HTTP/1.1.")

    def pause_writing(self) -> None:
        """Hold a streamed answer."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let a streamed answer go on."""
        self._writable.set()

    def connection_lost(self, _error: Exception | None) -> None:
        """End the answer under way."""
        if self._timer is not None:
            self._timer.cancel()
        if self._answering is not None:
            self._answering.cancel()

    def on_message_begin(self) -> None:
        """Start a request (called by the parser, as are the next ones)."""
        self._url, self._headers, self._body = bytearray(), {}, bytearray()
        self._head_size = self._unfinished = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        self._url += url
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._grow(len(name) + len(value) + _FIELD_BYTES)
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        # Two of a field that may come once are a list that nobody takes for either of them.
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """Let a careful client send its body."""
        length = self._headers.get("content-length", "0")
        if length.isdecimal() and (len(length) > _LENGTH_DIGITS or int(length) > MAX_REQUEST_BYTES):
            raise _TooLargeError(400, TOO_LARGE)
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        """Take a part of the body."""
        self._unfinished = 0
        self._body += data
        if len(self._body) > MAX_REQUEST_BYTES:
            raise _TooLargeError(400, TOO_LARGE)

    def on_message_complete(self) -> None:
        """Answer, or let the request wait for its turn."""
        self._unfinished = 0
        path, _, query = self._url.decode("latin-1").partition("?")
        method = self._parser.get_method().decode("latin-1")
        request = Request(method, path, query, self._headers, bytes(self._body))
        self._waiting.append((request, self._parser.should_keep_alive()))
        if self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer_all())
        elif len(self._waiting) >= _MOST_WAITING:
            self._transport.pause_reading()

    def _grow(self, size: int) -> None:
        self._unfinished = 0
        self._head_size += size
        if self._head_size > MAX_HEAD_BYTES:
            raise _TooLargeError(431, _LONG_HEAD)

    async def _answer_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        while self._waiting:
            asked, keep = self._waiting.popleft()
            try:
                response = asked if isinstance(asked, Response) else await self._handle(asked)
                head_only = isinstance(asked, Request) and asked.method == "HEAD"
                await self._send(response, head_only=head_only, keep=keep)
            except Exception:  # noqa: BLE001 - logged; the connection ends, the emulator goes on
                _LOG.exception("an answer over HTTP failed")
                keep = False
            if not keep:
                self._part()
                return
        self._answering = None
        self._transport.resume_reading()
        self._wait()

    async def _send(self, response: Response, *, head_only: bool, keep: bool) -> None:
        if isinstance(response.body, bytes):
            head = _head(response, f"Content-Length: {len(response.body)}", keep=keep)
            self._transport.write(head if head_only else head + response.body)
            return
        self._transport.write(_head(response, "Transfer-Encoding: chunked", keep=keep))
        async for chunk in response.body:
            await self._writable.wait()
            self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self._transport.write(b"0\r\n\r\n")

    def _refuse_what_was_raised(self, error: BaseException | None) -> None:
        if isinstance(error, _TooLargeError):
            self._refuse(error.status, str(error))
        else:
            self._refuse(400, "The request cannot be read.")

    def _refuse(self, status: int, reason: str) -> None:
        """Answer what cannot be parsed, after what came before it, and end the connection."""
        self._refused = True
        told = {"code": status, "message": reason, "status": "INVALID_ARGUMENT"}
        self._waiting.append((Response(status, json.dumps({"error": told}).encode()), False))
        if self._answering is None:
            self._answering = asyncio.get_running_loop().create_task(self._answer_all())

    def _part(self) -> None:
        """End the connection; a client that still sends gets the time to read its answer."""
        if not self._refused:
            self._transport.close()
            return
        self._transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.close)

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(IDLE_SECONDS, self._transport.close)


class _TooLargeError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def _head(response: Response, length: str, *, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        f"Content-Type: {response.kind}",
        length,
        "X-Content-Type-Options: nosniff",
        f"Connection: {'keep-alive' if keep else 'close'}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
