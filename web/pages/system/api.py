"""What all functions may be asked: read here, and tried with the reader's own session."""

import re
import time
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound as NoPage

from web.client.calls.api import Api, Came, Written, pretty
from web.client.errors import Failure, Invalid
from web.client.functions import Functions
from web.forms.api_calls import asked, parse_call, takes_text
from web.http.htmx import Reply, render
from web.http.statuses import phrase
from web.pages.at_once import at_once
from web.settings import Settings
from web.views.system.openapi import Operation, Route, operation, routes

MOST_ROUTES = 100
"""Of one function on the page: a workspace with 500 models has as many routes to predict by."""
FREE = "It needs no session, so it is not tried with one."


class Part(NamedTuple):
    """A function with its routes; `left` more are not shown, `failure` says why there are none."""

    name: str
    address: str
    routes: list[Route]
    left: int
    failure: str


class Tried(NamedTuple):
    """What came of a call."""

    status: int
    phrase: str
    milliseconds: float
    kind: str
    text: str
    whole: bool

    @property
    def is_error(self) -> bool:
        """Whether the function refused it."""
        return self.status >= HTTPStatus.BAD_REQUEST


class ApiPages:
    """Handlers of the functions' API."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._settings = settings

    def index(self) -> Reply:
        """List the routes of all functions; `q` are words that they hold."""
        words = request.args.get("q", "").strip()
        groups = at_once([partial(self._part, name, words) for name in self._api.names])
        return render("api/index.html", "list", groups=groups, words=words)

    def show(self, function: str) -> Reply:
        """Show a route with all that is said of it, and a form to try it."""
        return self._page(function, self._operation(function))

    def ask(self, function: str) -> Reply:
        """Ask a function what was typed, in the reader's name."""
        found = self._operation(function)
        if found.free:
            return self._page(function, found, Invalid(FREE))
        try:
            filled = parse_call(request.form, found)
        except Invalid as error:
            return self._page(function, found, error)
        began = time.perf_counter()
        came = self._api.ask(function, Written(found.route.method.upper(), *filled))
        took = (time.perf_counter() - began) * 1000
        return self._page(function, found, tried=_tried(came, took))

    def _part(self, name: str, words: str) -> Part:
        address = self._settings.public.url(name)
        try:
            found = routes(self._api.document(name))
        except Failure as error:
            return Part(name, address, [], 0, error.detail)
        fitting = [
            one for one in found if all(word in _text(one) for word in words.lower().split())
        ]
        return Part(name, address, fitting[:MOST_ROUTES], max(len(fitting) - MOST_ROUTES, 0), "")

    def _operation(self, function: str) -> Operation:
        """Return the route that the address names; only what a function describes is one.

        Raises:
            NotFound: there is none such.
            Failure: the function does not say.
        """
        method, path = request.args.get("method", ""), request.args.get("path", "")
        if function not in self._api.names:
            raise NoPage(f"There is no function '{function[:100]}'.")
        found = operation(self._api.document(function), method, path)
        if found is None:
            raise NoPage(f"{function} has no route {method.upper()[:10]} {path[:200]}.")
        return found

    def _page(
        self,
        function: str,
        found: Operation,
        error: Failure | None = None,
        tried: Tried | None = None,
    ) -> Response:
        return render(
            "api/route.html",
            "described" if request.method == "GET" else "tried",
            error=error,
            function=function,
            found=found,
            route=found.route,
            url=self._settings.public.url(function, found.route.path),
            fields=asked(found),
            typed=takes_text(found),
            key=re.sub("[^a-z0-9]+", "-", f"{function} {found.route.method} {found.route.path}"),
            example=_example(found.example),
            texts=request.form,
            answer=tried,
        )


def _text(route: Route) -> str:
    return f"{route.method} {route.path} {route.summary}".lower()


def _example(value: Any) -> str:
    return "" if value is None else pretty(msgspec.json.encode(value)).decode()


def _tried(came: Came, took: float) -> Tried:
    """Return what came as it is shown: JSON over several lines, other text as it is."""
    kind = came.kind.partition(";")[0]
    text = f"{len(came.content)} bytes or more of {kind or 'no named kind'}"
    if "json" in kind and came.whole and came.content:
        text = _laid_out(came.content)
    elif kind.startswith("text/") or "json" in kind:
        text = came.content.decode(errors="replace")
    elif not came.content:
        text = "An answer without a body."
    return Tried(came.status, phrase(came.status), took, kind, text, came.whole)


def _laid_out(content: bytes) -> str:
    try:
        return pretty(content).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):  # JSON lines, say
        return content.decode(errors="replace")


def pages(functions: Functions, settings: Settings) -> Blueprint:
    """Return the blueprint."""
    handlers = ApiPages(functions.api, settings)
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("/<function>", "show", handlers.show)
    rule("/<function>", "ask", handlers.ask, methods=["POST"])
    return blueprint
