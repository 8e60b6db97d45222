"""Requests that are refused by their address."""

import time

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.call_fields import answer_fields
from emulators.gateway.http.call_ids import new_call_id
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.heads import Request, refusal


class RefusedExchange:
    """A request that is refused by its address; its body is read and dropped."""

    answering = False

    def __init__(
        self,
        connection: ClientConnection,
        request: Request,
        error: GatewayError,
        target: bytes = b"",
    ) -> None:
        self.keep_alive = request.keep_alive
        self.request_complete = False
        self._connection = connection
        self._error = error
        self._target = target
        self._call_id = request.get(b"x-call-id") or new_call_id()

    def start(self) -> None:
        """Answer at once."""
        self.keep_alive = self.keep_alive and self.request_complete
        fields = answer_fields(self._call_id, time.time_ns(), 0.0)
        close = not self.keep_alive
        self._connection.write(refusal(self._error, fields, close=close, target=self._target))
        self._connection.finished()

    def request_body(self, data: bytes) -> None:
        """Drop it: it is of no interest."""

    def request_end(self) -> None:
        """Note that the request is whole."""
        self.request_complete = True

    def upgraded(self) -> None:
        """Return None: what is refused changes to no other protocol."""

    def client_full(self, *, full: bool) -> None:
        """Do nothing: its answer is small."""

    def abandon(self) -> None:
        """Do nothing: nothing is under way."""
