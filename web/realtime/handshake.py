"""From a request to an open WebSocket, and what it says of its caller."""

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask import Request, Response
from websockets.datastructures import Headers
from websockets.http11 import Request as Opening
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from web.client.credentials import Credential
from web.http.seats import Seat
from web.http.tabs import FIELD
from web.realtime.limits import Limits
from web.realtime.line import Line

if TYPE_CHECKING:
    import socket

PROTOCOL = Subprotocol("mayfly.v1")
KEY, WORKSPACE = "key.", "workspace."
"""Sub-protocols that a browser can name, where it can set no header; base64url follows."""


class NotOpened(Exception):  # noqa: N818 - the request is answered instead
    """No WebSocket: `response` says why."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def open_line(request: Request, limits: Limits) -> Line:
    """Answer an opening request with 101.

    Raises:
        NotOpened: it is none, or this server has no socket to give.
    """
    protocol = ServerProtocol(subprotocols=[PROTOCOL], select_subprotocol=_select)
    fields = Headers(request.headers.items())
    version = request.environ.get("SERVER_PROTOCOL", "HTTP/1.1")
    response = protocol.accept(
        Opening(request.path, fields, method=request.method, protocol=version)
    )
    if response.status_code != 101:
        told = [pair for pair in response.headers.raw_items() if pair[0] != "Connection"]
        raise NotOpened(Response(bytes(response.body), response.status_code, told))
    protocol.send_response(response)
    sock = socket_of(request)
    sock.sendall(b"".join(protocol.data_to_send()))
    # The one that accepted waits for the request, which the server has read.
    opened = ServerProtocol(state=State.OPEN, max_size=limits.message_bytes)
    return Line(sock, opened, limits)


def socket_of(request: Request) -> "socket.socket":
    """Return the connection that a request came on, which gunicorn's gevent worker hands out."""
    sock: socket.socket = request.environ["gunicorn.socket"]
    return sock


def _select(_: ServerProtocol, named: Sequence[Subprotocol]) -> Subprotocol | None:
    """Choose ours where it is asked for; programs need ask for none."""
    return PROTOCOL if PROTOCOL in named else None


def caller_of(request: Request, seat: Seat | None) -> Credential | None:
    """Return who the request says that it comes from; None where its first message will.

    A key counts before a session, as whoever shows one means it. A session counts for a page of
    ours alone: browsers send `Origin` along, and let no page set it; what a page of another origin
    sends has been refused before (`web.http.security`).

    Raises:
        NotOpened: the address has what it must not have, or a session's page does not say for
            which workspace it was made, or names another.
    """
    if set(request.args) - {FIELD}:
        text = "An address has no key in it, as logs keep addresses: send it as first message.\n"
        raise NotOpened(Response(text, 400, mimetype="text/plain"))
    shown = _by_fields(request) or _by_protocols(request)
    if shown is not None or seat is None or "Origin" not in request.headers:
        return shown
    if request.args.get(FIELD) != seat.workspace:
        text = f"Name the workspace that the page was made for: ?{FIELD}={seat.workspace}\n"
        raise NotOpened(Response(text, 409, mimetype="text/plain"))
    return Credential(seat.token, seat.workspace)


def _by_fields(request: Request) -> Credential | None:
    """Return what a program's header says, as it would for the same call by HTTP."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    key = token.strip() if kind.lower() == "bearer" else request.headers.get("X-Api-Key", "")
    return Credential(key, request.headers.get("X-Workspace", "")) if key else None


def _by_protocols(request: Request) -> Credential | None:
    """Return what the sub-protocols say that a page asks for."""
    named = [one.strip() for one in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    key = _decoded(named, KEY)
    return Credential(key, _decoded(named, WORKSPACE)) if key else None


def _decoded(named: list[str], prefix: str) -> str:
    text = next((one.removeprefix(prefix) for one in named if one.startswith(prefix)), "")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):  # it is no key, and so nobody's
        return text
