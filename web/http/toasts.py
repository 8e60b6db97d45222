"""What was done is said once, at the edge of the page that follows; with a way back, if there is.

A page is told by a cookie, which the next page uses up; HTMX, which stays on its page, by a header.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Flask, Response, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from web.http.htmx import htmx
from web.http.readers import reader_or_none
from web.http.seats import port_of

NAME = "mayfly-said"
SECONDS = 60
LONGEST = 300
EVENT = "mayfly:said"


class Undo(msgspec.Struct, frozen=True):
    """A way back: a form of one button.

    Attributes:
        action: where it is sent, a path of ours.
        fields: what is sent along.
        label: of the button.
    """

    action: str
    fields: dict[str, str] = {}
    label: str = "Undo"


class Said(msgspec.Struct, frozen=True):
    """What is said once; in the workspace alone that it happened in."""

    text: str
    undo: Undo | None = None
    workspace: str = ""


def add(app: Flask, secret: str) -> None:
    """Let the pages of `app` show what was said; `secret` signs it on its way."""
    serializer = URLSafeTimedSerializer(
        secret,
        salt="mayfly.said",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )

    def shown() -> Said | None:
        """Return what is to be shown on the page that is being made."""
        text = request.cookies.get(_name())
        if not text:
            return None
        g.said_shown = True
        try:
            told = msgspec.convert(serializer.loads(text, max_age=SECONDS), Said)
        except (BadData, msgspec.ValidationError):
            return None
        return told if told.workspace == _workspace() else None

    def carry(response: Response) -> Response:
        told: Said | None = g.get("said")
        if told is not None:
            _carry(response, told, serializer)
        elif g.get("said_shown"):
            response.delete_cookie(_name(), **_where())
        return response

    app.jinja_env.globals["said_once"] = shown
    app.after_request(carry)


def say(text: str, undo: Undo | None = None) -> None:
    """Have the page that follows this request's answer say that something was done."""
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    g.said = Said(short, undo, _workspace())


def _carry(response: Response, told: Said, serializer: URLSafeTimedSerializer) -> None:
    stays = htmx().wants_fragment and "HX-Redirect" not in response.headers
    if stays:
        detail = {"text": told.text, "undo": msgspec.to_builtins(told.undo)}
        response.headers["HX-Trigger"] = json.dumps({EVENT: detail})  # ASCII, as headers are
        return
    text = serializer.dumps(msgspec.to_builtins(told))
    response.set_cookie(_name(), str(text), max_age=SECONDS, **_where())


def _workspace() -> str:
    reader = reader_or_none()
    return reader.seat.workspace if reader else ""


def _name() -> str:
    return f"{NAME}-{port_of(request)}"


def _where() -> Mapping[str, Any]:
    return {"path": "/", "secure": request.is_secure, "httponly": True, "samesite": "Lax"}
