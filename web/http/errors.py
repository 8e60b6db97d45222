"""Errors become a page, or a toast where HTMX asked for a fragment."""

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from web.client import FunctionError
from web.http.htmx import (
    Reply,
    htmx,
    page,
    toast,
)
from web.http.security import Misdirected

log = structlog.get_logger("web")

BROKEN = "Something broke on our side. Try again; './mayfly logs web' shows what happened."


def add(app: Flask) -> None:
    """Handle every error of `app`."""
    app.register_error_handler(FunctionError, function_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Misdirected, misdirected)
    app.register_error_handler(Exception, crash)


def function_error(error: FunctionError) -> Response:
    """A function refused, or did not answer."""
    return _answer(error.status, error.title, error.detail)


def http_error(error: HTTPException) -> Reply:
    """Flask refused the request."""
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect
    return _answer(error.code, error.name, error.description or error.name)


def misdirected(error: Misdirected) -> Response:
    """The page was opened under a name that is not ours: no page is made for that."""
    text = f"{error.description} Use localhost, or name it in MAYFLY_WEB_HOSTS.\n"
    return Response(text, Misdirected.code, mimetype="text/plain")


def crash(error: Exception) -> Response:
    """A mistake of ours."""
    log.error("unexpected error", exc_info=error)
    return _answer(500, "Internal error", BROKEN)


def _answer(status: int, title: str, detail: str) -> Response:
    if htmx().wants_fragment:
        return toast(detail, status)
    return page("error.html", status=status, code=status, title=title, detail=detail)
