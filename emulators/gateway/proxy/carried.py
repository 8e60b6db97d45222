"""A call as the connection sees it that carries it."""

from typing import Protocol

from emulators.gateway.http.heads import Headers
from emulators.gateway.model.deadlines import Deadlines
from emulators.gateway.proxy.replicas.answer_fields import AnswerFields
from emulators.gateway.proxy.sink import Sink


class CarriedCall(Protocol):
    """A call as the connection sees it that carries it.

    Attributes:
        expects_body: Whether a body may follow the answer's head.
        sent_all: Whether the request is whole.
    """

    expects_body: bool
    sent_all: bool

    def ordinary(self) -> "OrdinaryCall":
        """Return who takes an answer piece by piece; it is the connection's call from then on."""

    def whole(self, fields: AnswerFields, body: bytes) -> bool:
        """Take an answer that came in one piece; return whether its end can be told."""

    def answer_ended(self) -> None:
        """Note that the answer is whole."""

    def upstream_lost(self, error: Exception | None) -> None:
        """Note that the connection broke before the answer was whole."""


class OrdinaryCall(CarriedCall, Protocol):
    """A call whose answer may come in pieces.

    Attributes:
        sink: Where its answer goes.
        deadlines: Its times.
        upgrade: The protocol that it asks for; empty for none.
    """

    sink: Sink
    deadlines: Deadlines
    upgrade: bytes

    def answer(self, status: int, headers: Headers) -> bool:
        """Take the answer's head; return whether its end can be told without a close."""

    def switch(self, data: bytes) -> None:
        """Take the first bytes of the new protocol."""
