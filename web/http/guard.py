"""Nothing without a session: whoever has none is sent to sign in, and comes back afterwards."""

from collections.abc import Callable

from flask import Flask, Response, g, make_response, redirect, request, url_for

from web.client import credentials
from web.client.account_schemas import Me
from web.client.credentials import Credential
from web.client.errors import SignedOut
from web.http.destinations import START, page_of
from web.http.htmx import htmx
from web.http.readers import Reader, reader_or_none
from web.http.seats import Seat, Seats

OPEN = frozenset({"asset", "favicon", "healthz", "metrics"})
"""What needs no session; metrics ask for a key themselves."""
BY_KEY = frozenset({"realtime.predictions", "realtime.stream"})
"""What programs ask, too: they show a key, which is looked at there."""
ENTRANCES = frozenset({"sign_in", "sign_up", "passwords", "invitations"})
"""The blueprints that those need who are not signed in."""


def add(app: Flask, seats: Seats, ask: Callable[[], Me]) -> None:
    """Bar every page of `app`; `ask` tells who calls, by the credential in use."""

    def admit() -> Response | None:
        seat = seats.read(request)
        credentials.use(
            credential_of(seat) if seat else None
        )  # one that was there is another request's
        found = Reader(seat, ask) if seat else None
        if request.blueprint in ENTRANCES and found and not found.is_live():
            found = None  # the door is open to whoever has just been shut out, too
        g.reader = found
        open_ = is_open() or request.endpoint in BY_KEY
        return None if found or open_ else send_to_sign_in()

    app.before_request(admit)
    app.register_error_handler(SignedOut, _ended)
    app.context_processor(lambda: {"reader": reader_or_none()})


def credential_of(seat: Seat) -> Credential:
    """Return what the calls of a reader are made with."""
    return Credential(seat.token, seat.workspace)


def is_open() -> bool:
    """Tell whether this request may come from a guest."""
    return request.endpoint in OPEN or request.blueprint in ENTRANCES


def send_to_sign_in(why: str | None = None) -> Response:
    """Have the reader sign in, and come back to the page that this was; `why` as in `sign_in`."""
    back = page_of(request)
    url = url_for("sign_in.form", next=None if back == START else back, why=why)
    if htmx().request or "text/event-stream" in request.headers.get("Accept", ""):
        response = make_response("Sign in first.\n", 401)
        response.mimetype = "text/plain"
        response.headers["HX-Redirect"] = url
        return response
    return make_response(redirect(url, 303))


def _ended(error: SignedOut) -> Response:  # noqa: ARG001 - Flask gives it
    return send_to_sign_in("ended")
