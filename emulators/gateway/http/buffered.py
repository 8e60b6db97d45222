"""Exchanges that the gateway answers itself."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from urllib.parse import parse_qs, unquote

import structlog

from emulators.gateway.errors import Failed, GatewayError, Invalid, NotFound, TooLarge
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.heads import (
    CONTINUE,
    LAST_CHUNK,
    STATUS_LINES,
    Headers,
    Request,
    answer,
    chunk,
    refusal,
)
from emulators.gateway.http.server import Server

log = structlog.get_logger()

ADMIN_LIMIT = 4 << 20


class Incoming:
    """A whole request.

    Attributes:
        query: Last value of each parameter.
        peer: The sender's address.
    """

    __slots__ = ("_path", "body", "peer", "query", "request")

    def __init__(self, request: Request, body: bytes, peer: bytes = b"") -> None:
        self.peer = peer
        self._path, _, query = request.target.partition(b"?")
        self.request = request
        self.query = {k: v[-1] for k, v in parse_qs(query.decode("latin-1")).items()}
        self.body = body

    @property
    def path(self) -> str:
        """The path that the percent-encoded one stands for, without the query.

        Raises:
            Invalid: For bytes that are no text.
            NotFound: For control characters: they are in no name, and must not reach a log or a
                file's name.
        """
        try:
            text = unquote(self._path.decode("latin-1"), errors="strict")
        except UnicodeDecodeError as error:
            raise Invalid("the path is not UTF-8", "escape it as UTF-8") from error
        if not text.isprintable():
            raise NotFound(f"nothing answers {text[:80]!r}", "drop control characters")
        return text

    @property
    def method(self) -> str:
        """The method."""
        return self.request.method.decode()

    def header(self, name: bytes) -> str:
        """Return a field's value, empty when absent."""
        return (self.request.get(name) or b"").decode("latin-1")


class Answer:
    """A whole answer, or one that comes in pieces."""

    __slots__ = ("body", "content_type", "headers", "pieces", "status")

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: Headers | None = None,
        pieces: AsyncGenerator[bytes, None] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers or []
        self.pieces = pieces


Handler = Callable[[Incoming], Awaitable[Answer]]


class BufferedExchange:
    """Collects a request's body, lets a handler answer.

    Args:
        server: What all connections share.
        connection: The client's.
        request: The head.
        handler: Gives the answer; may raise GatewayError.
        limit: Most bytes of body.
    """

    def __init__(
        self,
        server: Server,
        connection: ClientConnection,
        request: Request,
        handler: Handler,
        *,
        limit: int = ADMIN_LIMIT,
    ) -> None:
        self.keep_alive = request.keep_alive
        self.request_complete = False
        self.answering = False
        self._server = server
        self._connection = connection
        self._request = request
        self._handler = handler
        self._limit = limit
        self._body = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()  # the client takes what a stream tells
        self._room.set()
        self._started = self._gone = self._refused = False

    def start(self) -> None:
        """Take its turn: answer as soon as the request is whole."""
        self._started = True
        if (self._request.length or 0) > self._limit:
            self._too_large()
        elif self.request_complete:
            self._task = self._server.spawn(self._answer())
        elif self._request.expects:
            self._connection.write(CONTINUE)

    def request_body(self, data: bytes) -> None:
        """Collect, up to the limit."""
        if self._refused:
            return
        self._body += data
        if len(self._body) > self._limit and self._started:
            self._too_large()

    def request_end(self) -> None:
        """Note that the request is whole."""
        self.request_complete = True
        if self._started and not self._refused:
            self._task = self._server.spawn(self._answer())

    def upgraded(self) -> None:
        """Return None: the gateway itself speaks HTTP alone."""

    def client_full(self, *, full: bool) -> None:
        """Let a stream wait for a client that does not read; other answers are small."""
        if full:
            self._room.clear()
        else:
            self._room.set()

    def abandon(self) -> None:
        """End a stream: the client is gone. A change goes on for nobody to see."""
        self._gone = True
        if self._task in self._server.streams:
            self._task.cancel()

    async def _answer(self) -> None:
        try:
            if len(self._body) > self._limit:
                raise self._size_error()  # noqa: TRY301 - one place turns errors into answers
            peer = self._connection.peer
            given = await self._handler(Incoming(self._request, bytes(self._body), peer))
        except GatewayError as error:
            self._refuse(error)
        except RecursionError:
            deep = Invalid("the body is nested too deeply", "send a flatter one")
            self._refuse(deep)
        except Exception:
            log.exception("handler failed", target=self._request.target.decode("latin-1"))
            failed = Failed("the gateway failed", "see the gateway's log")
            self._refuse(failed)
        else:
            await self._give(given)
        if not self._gone:
            self._connection.finished()

    async def _give(self, given: Answer) -> None:
        if given.pieces is None:
            body = b"" if self._request.method == b"HEAD" else given.body
            whole = answer(
                given.status,
                given.body,
                given.content_type,
                given.headers,
                close=not self.keep_alive,
            )
            self._write(whole[: len(whole) - len(given.body) + len(body)])
            return
        self.keep_alive = self.keep_alive and not self._request.http10
        kind = given.content_type.encode()
        head = b"content-type: " + kind + b"\r\ntransfer-encoding: chunked\r\n\r\n"
        self._write(STATUS_LINES[given.status] + head)
        if self._request.method == b"HEAD":
            await given.pieces.aclose()
        else:
            await self._stream(given.pieces)

    async def _stream(self, pieces: AsyncGenerator[bytes, None]) -> None:
        """Write pieces as they come, until there are no more, the client leaves or we do."""
        task = asyncio.current_task()
        assert task is not None
        self._server.streams.add(task)
        try:
            async for piece in pieces:
                self._write(chunk(piece))
                await self._room.wait()
        except asyncio.CancelledError:
            task.uncancel()
        except Exception:
            log.exception("stream failed", target=self._request.target.decode("latin-1"))
            self._break_off()
        finally:
            self._server.streams.discard(task)
            await pieces.aclose()
        self._write(LAST_CHUNK)

    def _break_off(self) -> None:
        """Break off an answer that cannot be completed: the client must not take it for whole."""
        if not self._gone:
            self._gone = True
            self._connection.abort()

    def _refuse(self, error: GatewayError) -> None:
        target = self._request.target
        self._write(refusal(error, close=not self.keep_alive, target=target))

    def _write(self, data: bytes) -> None:
        if not self._gone:
            self.answering = True
            self._connection.write(data)

    def _size_error(self) -> GatewayError:
        return TooLarge(
            f"the body is over {self._limit} bytes", "send less, or call /function/ directly"
        )

    def _too_large(self) -> None:
        self._refused = True
        self.keep_alive = False
        self._refuse(self._size_error())
        self._connection.finished()
