"""Errors become a page, or a toast where HTMX asked for a fragment."""

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from web.client.errors import Failure
from web.http.guard import send_to_sign_in
from web.http.htmx import Reply, htmx, render, toast
from web.http.readers import reader_or_none
from web.http.security import Misdirected
from web.http.statuses import phrase, status_of

log = structlog.get_logger("web")

BROKEN = "Something broke on our side. Try again; './mayfly logs web' shows what happened."


def add(app: Flask) -> None:
    """Handle every error of `app`."""
    app.register_error_handler(Failure, failure)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Misdirected, misdirected)
    app.register_error_handler(Exception, crash)


def failure(error: Failure) -> Response:
    """Answer where a function refused, or did not answer."""
    status = status_of(error)
    return _answer(status, phrase(status), error.detail)


def http_error(error: HTTPException) -> Reply:
    """Answer where Flask refused the request."""
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect
    return _answer(error.code, error.name, error.description or error.name)


def misdirected(error: Misdirected) -> Response:
    """Refuse a name that is not ours: no page is made for that."""
    text = f"{error.description} Use localhost, or name it in MAYFLY_WEB_HOSTS.\n"
    return Response(text, Misdirected.code, mimetype="text/plain")


def crash(error: Exception) -> Response:
    """Answer a mistake of ours; its traceback goes to the log alone."""
    log.error("unexpected error", exc_info=error)
    return _answer(500, "Internal error", BROKEN)


def _answer(status: int, title: str, detail: str) -> Response:
    reader = reader_or_none()
    if reader is not None and not reader.is_live():
        return send_to_sign_in("ended")
    if htmx().wants_fragment:
        return toast(detail, status)
    return render("error.html", status=status, code=status, title=title, detail=detail)
