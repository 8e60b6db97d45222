"""Predictions on one connection: questions in, answers out, as they come."""

import contextlib

from flask import Blueprint, Response, request

from web.client import time_limits
from web.client.credentials import Credential
from web.client.functions import Functions
from web.http.readers import reader_or_none
from web.http.shutdown import Shutdown
from web.realtime import messages
from web.realtime.callers import Callers, Standing
from web.realtime.closing import Closed, Code, Gone
from web.realtime.conversation import Ask, Conversation
from web.realtime.handshake import NotOpened, caller_of, open_line
from web.realtime.limits import Limits
from web.realtime.line import Line


class HandedOver(Response):
    """What Flask answers with once the socket has been used: nothing, and no other request."""

    def __call__(self, *_: object) -> None:  # type: ignore[override]
        """Have the server close the connection, by the sign that it knows."""
        raise StopIteration


class RealtimePages:
    """Handlers of connections."""

    def __init__(self, functions: Functions, shutdown: Shutdown, limits: Limits) -> None:
        self._functions = functions
        self._shutdown = shutdown
        self._limits = limits
        self._callers = Callers(functions.accounts.me, limits)

    def predictions(self) -> Response:
        """Open a WebSocket, and answer on it until it closes."""
        seat = reader_or_none()
        try:
            credential = caller_of(request, seat.seat if seat else None)
            line = open_line(request, self._limits)
        except NotOpened as refused:
            return refused.response
        time_limits.begin_page(None)
        with contextlib.suppress(Gone):
            self._serve(line, credential)
            line.linger()
        return HandedOver()

    def _serve(self, line: Line, credential: Credential | None) -> None:
        try:
            with self._callers.stranger():
                credential = credential or self._greeted(line)
            with self._callers.admitted(credential) as standing:
                self._converse(line, credential, standing)
        except Closed as why:
            line.close(why.code, why.reason)

    def _greeted(self, line: Line) -> Credential:
        """Return who the first message says that it comes from."""
        left = self._limits.greeting
        while left > 0:
            self._check_server()
            text = line.receive()
            if text is not None:
                greeting = messages.greeting(text)
                return Credential(greeting.key, greeting.workspace)
            left -= self._limits.tick
        raise Closed(Code.TOO_LATE, 'Nobody said who calls; begin with {"key": "mfk_..."}.')

    def _converse(self, line: Line, credential: Credential, standing: Standing) -> None:
        def check() -> None:
            self._check_server()
            standing.check()

        line.send(self._ready(standing))
        Conversation(line, self._asking(credential, standing), check, self._limits).hold()

    def _asking(self, credential: Credential, standing: Standing) -> Ask:
        post = self._functions.predictions.post
        return lambda one: standing.heed(post(one.path, one.body, credential))

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


def pages(functions: Functions, shutdown: Shutdown, limits: Limits) -> Blueprint:
    """Return the blueprint."""
    handlers = RealtimePages(functions, shutdown, limits)
    blueprint = Blueprint("realtime", __name__)
    for opens in (True, False):  # what does not ask for an upgrade hears that it should (426)
        blueprint.add_url_rule(
            "/ws/predictions", "predictions", handlers.predictions, websocket=opens
        )
    return blueprint
