"""Answers requests at the WSGI entry, before Flask: for a function whose microseconds count.

Around a function, functions-framework puts what Flask has for applications: routing, sessions,
contexts, signals, an execution id. An `Api` uses none of it but the request's type, and it takes
longer than a one-row prediction. So does that type: requests of the plain form (`plain`) do
without, where a route lets them. The function stays an HTTP function as it was: `handle` answers
the same under any other server of functions-framework.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Request, current_app, has_app_context

from functions.kit.http.api import Api
from functions.kit.http.requests.plain import plain_request

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def entry(api: Api) -> "WSGIApplication":
    """Return a WSGI application that only calls `api`, without Flask's request where it can."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = plain_request(environ)
        found = None if request is None else api.answer(request)
        if found is None:
            return api.handle(Request(environ))(environ, start_response)
        return found.send(start_response)

    return answer


def install(api: Api) -> None:
    """Let `api` answer for the app that functions-framework is making, if it is making one."""
    if has_app_context():
        current_app.wsgi_app = entry(api)  # type: ignore[assignment] # Flask's way to wrap


def answer_unrouted(api: Api) -> None:
    """Let `api` refuse what functions-framework's own route does not match, in the one shape.

    Flask's answer to a path with a line feed, or to an odd method, is a page of HTML.
    """
    if not has_app_context():
        return
    usual, ours = current_app.wsgi_app, entry(api)

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        odd = "\n" in environ["PATH_INFO"] or environ["REQUEST_METHOD"] not in METHODS
        return (ours if odd else usual)(environ, start_response)

    current_app.wsgi_app = answer  # type: ignore[method-assign] # Flask's way to wrap
