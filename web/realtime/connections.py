"""Connections from their opening to their end: who may, what is asked, and how it closes."""

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http import HTTPStatus
from socket import SHUT_WR, socket

from flask import Request, Response

from web.client.account_schemas import Me
from web.client.credentials import Credential
from web.client.transport import time_limits
from web.client.transport.relay import Answered
from web.http.events import STREAM
from web.http.seats import Seat
from web.http.shutdown import Shutdown
from web.realtime import messages
from web.realtime.callers import Callers, Standing, unknown
from web.realtime.closing import Closed, Code, Gone
from web.realtime.conversation import Conversation, Messages
from web.realtime.event_stream import EventStream
from web.realtime.handshake import NotOpened, caller_of, open_line, socket_of
from web.realtime.limits import Limits
from web.realtime.line import BLOCK, LINGER, Line
from web.realtime.messages import Question

Ask = Callable[[Question, Credential], Answered]


class HandedOver(Response):
    """What Flask answers with once the socket has been used: nothing."""

    def __call__(self, *_: object) -> None:  # type: ignore[override]
        """Answer nothing."""
        _close_connection()


class Connections:
    """Opens them, counts them, and closes them with a reason.

    Args:
        me: tells who calls, by the credential in use.
        shutdown: whether this server stops.
        limits: of connections.
    """

    def __init__(self, me: Callable[[], Me], shutdown: Shutdown, limits: Limits) -> None:
        self._shutdown = shutdown
        self._limits = limits
        self._callers = Callers(me, limits)

    def open(self, request: Request, seat: Seat | None, ask: Ask) -> Response:
        """Open a WebSocket, and answer on it by `ask` until it closes."""
        try:
            credential = caller_of(request, seat)
            line = open_line(request, self._limits)
        except NotOpened as refused:
            return refused.response
        time_limits.begin_page(None)
        with suppress(Gone):
            self._serve(line, credential, ask)
            line.linger()
        return HandedOver()

    def stream(self, request: Request, seat: Seat | None, ask: Ask) -> Response:
        """Answer the questions in the lines of a body by an event each."""
        try:
            credential = caller_of(request, seat)
        except NotOpened as refused:
            return refused.response
        time_limits.begin_page(None)
        with ExitStack() as stack:
            try:
                if credential is None:
                    raise unknown()
                standing = stack.enter_context(self._callers.admitted(credential))
            except Closed as why:
                return _refusal(why)
            events = EventStream(request.stream, self._limits)
            conversation = self._conversation(events, credential, standing, ask)
            response = Response(events.events(conversation, self._ready(standing)), headers=STREAM)
            response.call_on_close(stack.pop_all().close)
        sock = socket_of(request)
        response.call_on_close(lambda: _hang_up(sock))
        return response

    def _serve(self, line: Line, credential: Credential | None, ask: Ask) -> None:
        try:
            with self._callers.stranger():
                credential = credential or self._greeted(line)
            with self._callers.admitted(credential) as standing:
                line.send(self._ready(standing))
                self._conversation(line, credential, standing, ask).hold()
        except Closed as why:
            line.close(why.code, why.reason)

    def _greeted(self, line: Line) -> Credential:
        """Return who the first message says that it comes from."""
        end = time.monotonic() + self._limits.greeting
        while time.monotonic() < end:
            self._check_server()
            text = line.receive()
            if text is not None:
                greeting = messages.greeting(text)
                return Credential(greeting.key, greeting.workspace)
        raise Closed(Code.TOO_LATE, 'Nobody said who calls; begin with {"key": "mfk_..."}.')

    def _conversation(
        self, line: Messages, credential: Credential, standing: Standing, ask: Ask
    ) -> Conversation:
        def check() -> None:
            self._check_server()
            standing.check()

        def answer(question: Question) -> Answered:
            return standing.heed(ask(question, credential))

        return Conversation(line, answer, check, self._limits)

    def _ready(self, standing: Standing) -> bytes:
        """Return what a caller hears first."""
        return messages.ready(
            workspace=standing.me.workspace,
            in_flight=self._limits.in_flight,
            message_bytes=self._limits.message_bytes,
            idle_seconds=self._limits.idle,
        )

    def _check_server(self) -> None:
        if self._shutdown.requested:
            raise Closed(Code.AWAY, "This server stops; connect again.")


def _close_connection() -> None:
    """Tell the server, by the sign that it knows, that no other request comes on a connection.

    What is left of a body that was given up would be read as one.
    """
    raise StopIteration


def _hang_up(sock: socket) -> None:
    """Read what the caller still sends, for a moment, lest it lose our last words; then close."""
    end = time.monotonic() + LINGER
    with suppress(OSError):
        sock.shutdown(SHUT_WR)
        sock.settimeout(LINGER)
        while time.monotonic() < end and sock.recv(BLOCK):
            pass
    _close_connection()


def _refusal(why: Closed) -> Response:
    """Return the problem document of a stream that does not begin."""
    status = HTTPStatus(why.status)
    body = messages.problem(status, status.phrase, why.reason)
    headers = {"WWW-Authenticate": 'Bearer realm="mayfly"'} if status == 401 else {}
    return Response(body, status, headers, content_type="application/problem+json")
