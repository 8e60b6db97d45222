"""The routes of a function's steps that are the same for all: hints as events, and schedules.

A step's own route is registered by the function, by `step`; OpenFaaS's queue calls it directly. A
broker delivers to one path: the event says which step is meant, and brings the token for it.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec
from flask import Request

from functions.kit.contract.access.workspaces import WORKSPACES
from functions.kit.contract.steps import Hint
from functions.kit.http.api import Api
from functions.kit.http.requests import bodies
from functions.kit.http.routing.routes import Handler

EVENTS = "/steps"
OVERDUE = "/steps/overdue"
LARGEST_EVENT = 64 * 1024

_STRUCTURED = "application/cloudevents+json"


class _Structured(msgspec.Struct):
    """A CloudEvent in one JSON document; the attributes were the trigger's to look at."""

    data: Hint | msgspec.UnsetType = msgspec.UNSET
    data_base64: bytes = b""


_hints = msgspec.json.Decoder(Hint)
_events = msgspec.json.Decoder(_Structured)


class Looks(Protocol):
    """What looks for overdue steps."""

    def look(self) -> object:
        """Look, unless somebody has just done so."""


def add(api: Api, lookout: Looks) -> None:
    """Register the routes.

    A schedule cannot sign: what looks for overdue steps is open, and `Lookout` bounds it.
    OpenFaaS's cron connector knows no paths, so `POST /` does so, too.
    """

    @api.route("POST", EVENTS, access="open", hidden=True)
    def take_event(request: Request) -> None:
        """Look at the step that a CloudEvent of type EVENT_TYPE names."""
        hint = hint_of(request)
        api.look(hint.path, hint.token)

    def overdue() -> None:
        """Have steps that were lost looked at again."""
        lookout.look()

    api.route("POST", OVERDUE, access="open", hidden=True)(overdue)
    api.route("POST", "/", access="open", hidden=True)(overdue)


def step(api: Api, path: str) -> Callable[[Handler], Handler]:
    """Register the decorated handler as a step of a thing: at `path` for those of `main`.

    For those of other workspaces it is below `/workspaces/{workspace}`, which the handler takes as
    `workspace: str = MAIN`.
    """

    def register(handler: Handler) -> Handler:
        for where in (path, f"/{WORKSPACES}/{{workspace}}{path}"):
            api.route("POST", where, access="step", hidden=True)(handler)
        return handler

    return register


def hint_of(request: Request) -> Hint:
    """Return what an event of either HTTP mode says.

    Raises:
        Unreadable: it is not JSON.
        Invalid: it is JSON of something else.
        TooLarge: it is no hint of ours.
        Problem: 415, it is of another type.
    """
    body = bodies.read_json(request, LARGEST_EVENT)
    if request.mimetype != _STRUCTURED:
        return bodies.decode(body, _hints)
    event = bodies.decode(body, _events)
    if isinstance(event.data, Hint):
        return event.data
    return bodies.decode(event.data_base64, _hints)
