"""Predictions on one connection: questions in, answers out, as they come."""

from flask import Blueprint, Response, request

from web.client.credentials import Credential
from web.client.functions import Functions
from web.client.transport.relay import Answered
from web.http.readers import seat_or_none
from web.realtime.connections import Connections
from web.realtime.messages import Question


class RealtimePages:
    """Handlers of connections for programs; a page of ours may open one, too."""

    def __init__(self, functions: Functions, connections: Connections) -> None:
        self._functions = functions
        self._connections = connections

    def predictions(self) -> Response:
        """Answer on a WebSocket."""
        return self._connections.open(request, seat_or_none(), self._ask)

    def stream(self) -> Response:
        """Answer by server-sent events."""
        return self._connections.stream(request, seat_or_none(), self._ask)

    def _ask(self, question: Question, credential: Credential) -> Answered:
        return self._functions.predictions.post(question.path, question.body, credential)


def pages(functions: Functions, connections: Connections) -> Blueprint:
    """Return the blueprint."""
    handlers = RealtimePages(functions, connections)
    blueprint = Blueprint("realtime", __name__)
    rule = blueprint.add_url_rule
    rule("/events/predictions", "stream", handlers.stream, methods=["POST"])
    for opens in (True, False):  # what does not ask for an upgrade hears that it should (426)
        rule("/ws/predictions", "predictions", handlers.predictions, websocket=opens)
    return blueprint
