"""One client's connection: its requests are answered one after the other, in one thread.

The parser is httptools'. A body is read from the socket as it is asked for, so that it is never
held as a whole; the bytes of a file go out without passing through here.
"""

import logging
import socket
from collections import deque
from collections.abc import Callable, Iterator

import httptools

from emulators.storage.transport.http.heads import head_of
from emulators.storage.transport.http.incoming import Body, HeadError, Incoming
from emulators.storage.transport.http.messages import (
    BrokenBodyError,
    FileSlice,
    Request,
    Response,
)

_LOG = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
MAX_HEAD_BYTES = 64 * 1024
_DRAIN_BYTES = 64 << 20  # of a body that nobody wants
_BODY_SECONDS = 120.0  # a client that sends nothing of a body for this long is gone
_IDLE_SECONDS = 75.0
_LINGER_SECONDS = 2.0
_SMALL_BYTES = 64 * 1024  # of a file: cheaper to read than to be sent by the kernel
_FIELD_BYTES = 4  # of a field's colon, space and line end
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
Answer = Callable[[Request], Response]
Refusal = Callable[[int, str], Response]


class Connection:
    """A connection.

    Args:
        client: Its socket.
        answer: Answers a request; it maps its own errors.
        refuse: Makes the answer to what is no request.

    Attributes:
        is_busy: Whether a request is under way.
    """

    def __init__(self, client: socket.socket, answer: Answer, refuse: Refusal) -> None:
        self._client = client
        self._answer = answer
        self._refuse = refuse
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Incoming] = deque()
        self._next = Incoming()
        self._unparsed = 0
        self.is_busy = False
        self.closing = False

    def serve(self) -> None:
        """Answer until the client, or `closing`, ends it."""
        try:
            while self._serve_one():
                pass
        except (ConnectionError, TimeoutError, BrokenBodyError) as error:
            _LOG.debug("The client is gone, or sends nothing sensible any more: %s", error)
        except OSError as error:  # of a file that is being sent, or of a socket in an odd state
            _LOG.warning("An answer broke off: %s", error)
        finally:
            self._client.close()

    def close_when_idle(self) -> None:
        """End it once the request that is under way is answered; at once where there is none."""
        self.closing = True
        if not self.is_busy:
            self._client.shutdown(socket.SHUT_RD)

    def _serve_one(self) -> bool:
        try:
            incoming = self._head()
        except HeadError as error:
            self._send(self._refuse(error.status, str(error)), keep=False, head_only=False)
            self._linger()
            return False
        if incoming is None:
            return False
        self.is_busy = True
        try:
            return self._respond(incoming)
        finally:
            self.is_busy = False

    def _head(self) -> Incoming | None:
        """Return the next request; None at the end.

        Raises:
            HeadError: What comes is none.
            OSError: The client is gone.
        """
        self._client.settimeout(_IDLE_SECONDS)
        while not self._waiting:
            if not self._feed():
                return None
            if self._unparsed > MAX_HEAD_BYTES:
                raise HeadError(431, "The head of the request is too long.")
        return self._waiting.popleft()

    def _feed(self) -> bool:
        """Read and parse some more; tell whether there was any.

        Raises:
            HeadError: It is no HTTP.
        """
        data = self._client.recv(READ_BYTES)
        if not data:
            return False
        self.is_busy = True  # also with half a head: the rest of it is under way
        self._unparsed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            raise HeadError(400, "Upgrades are not supported.") from error
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            raise HeadError(400, f"The request is not HTTP/1.1: {error}.") from error
        return True

    def _respond(self, incoming: Incoming) -> bool:
        self._client.settimeout(_BODY_SECONDS)
        request = incoming.request(Body(self._more, incoming, self._say_continue))
        response = self._answer(request)
        keep = incoming.keep_alive and not self.closing
        keep = keep and (incoming.whole or not incoming.says_continue)
        self._send(response, keep=keep, head_only=request.method == "HEAD")
        if not incoming.whole and not self._drain(incoming):
            self._linger()
            return False
        return keep

    def _more(self) -> None:
        """Read more of a body.

        Raises:
            BrokenBodyError: It broke off.
        """
        try:
            if not self._feed():
                raise BrokenBodyError("the connection ended before the body did")
        except HeadError as error:
            raise BrokenBodyError(str(error)) from error
        except TimeoutError as error:
            raise BrokenBodyError("the body stalled") from error

    def _say_continue(self) -> None:
        self._client.sendall(_CONTINUE)

    def _drain(self, incoming: Incoming) -> bool:
        """Read what is left of a body: many clients read an answer only once theirs is sent."""
        if incoming.says_continue:
            return False
        left = _DRAIN_BYTES
        while not incoming.whole and left > 0:
            incoming.chunks.clear()
            self._more()
            left -= sum(map(len, incoming.chunks))
        return incoming.whole

    def _linger(self) -> None:
        """Give a client that still sends the time to read its answer."""
        self._client.shutdown(socket.SHUT_WR)
        self._client.settimeout(_LINGER_SECONDS)
        left = _DRAIN_BYTES
        while left > 0 and (data := self._client.recv(READ_BYTES)):
            left -= len(data)

    def _send(self, response: Response, *, keep: bool, head_only: bool) -> None:
        body = response.body
        try:
            if isinstance(body, bytes):
                head = head_of(response, f"Content-Length: {len(body)}", keep=keep)
                self._client.sendall(head if head_only else head + body)
            elif isinstance(body, FileSlice):
                self._send_file(response, body, keep=keep, head_only=head_only)
            else:
                self._send_stream(response, body, keep=keep, head_only=head_only)
        finally:
            if isinstance(body, FileSlice):
                body.file.close()

    def _send_file(
        self, response: Response, body: FileSlice, *, keep: bool, head_only: bool
    ) -> None:
        head = head_of(response, f"Content-Length: {body.length}", keep=keep)
        if head_only or body.length <= _SMALL_BYTES:
            body.file.seek(body.start)
            self._client.sendall(head if head_only else head + body.file.read(body.length))
            return
        self._client.sendall(head)
        self._client.sendfile(body.file, body.start, body.length)

    def _send_stream(
        self, response: Response, body: Iterator[bytes], *, keep: bool, head_only: bool
    ) -> None:
        self._client.sendall(head_of(response, "Transfer-Encoding: chunked", keep=keep))
        if head_only:
            return
        for chunk in body:
            if chunk:
                self._client.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self._client.sendall(b"0\r\n\r\n")

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._next = Incoming()

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        self._next.target += url
        self._grow(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field."""
        self._grow(len(name) + len(value) + _FIELD_BYTES)
        self._next.add(name.decode("latin-1").lower(), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Let the request be answered."""
        self._unparsed = 0
        incoming = self._next
        incoming.method = self._parser.get_method().decode("latin-1")
        incoming.keep_alive = self._parser.should_keep_alive()
        incoming.measure()
        self._waiting.append(incoming)

    def on_body(self, data: bytes) -> None:
        """Take a part of the body."""
        self._unparsed = 0
        self._next.chunks.append(data)

    def on_message_complete(self) -> None:
        """End the request."""
        self._unparsed = 0
        self._next.whole = True

    def _grow(self, size: int) -> None:
        self._next.head_size += size
        if self._next.head_size > MAX_HEAD_BYTES:
            raise HeadError(431, "The head of the request is too long.")
