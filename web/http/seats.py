"""The cookie that holds a reader's session, signed: who has it is signed in."""

import hashlib
import time

import msgspec
from flask import Request, Response
from itsdangerous import BadData, URLSafeSerializer

NAME = "mayfly-session"
# A browser keeps 4096 bytes of a cookie; the page of workspaces has them all, and in full.
MOST_WORKSPACES = 6
LONGEST_NAME = 40


class Seat(msgspec.Struct, frozen=True):
    """A reader who is signed in.

    Attributes:
        token: the session's, which the functions know.
        account: the account's id.
        name: the account's.
        workspace: the id of the one that is looked at; empty for the account's home.
        place: that one's name.
        ends: Unix seconds.
        workspaces: names by id of some that the account had at the last look, to go to by the menu.
    """

    token: str
    account: str
    name: str
    workspace: str
    place: str
    ends: int
    workspaces: dict[str, str] = {}

    def __repr__(self) -> str:
        """Name the account alone: a log must not open a session."""
        return f"Seat(account={self.account!r})"


def shortened(names: dict[str, str]) -> dict[str, str]:
    """Return as many workspaces, and as much of their names, as a cookie has room for."""
    some = list(names.items())[:MOST_WORKSPACES]
    return {
        id_: name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        for id_, name in some
    }


class Seats:
    """Reads and writes the cookie.

    Args:
        secret: what signs it.
    """

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt="mayfly.session",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def read(self, request: Request) -> Seat | None:
        """Return who the request says that it comes from; None where nobody can be believed."""
        text = request.cookies.get(cookie_name(request), "")
        try:
            seat = msgspec.convert(self._serializer.loads(text), Seat)
        except (BadData, msgspec.ValidationError):
            return None
        return seat if seat.ends > time.time() else None

    def give(self, request: Request, response: Response, seat: Seat) -> None:
        """Let the browser keep `seat` for as long as the session lasts."""
        text = self._serializer.dumps(msgspec.to_builtins(seat))
        response.set_cookie(
            cookie_name(request),
            str(text),
            expires=seat.ends,
            path="/",
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )

    def take(self, request: Request, response: Response) -> None:
        """Let the browser forget it, and what it has kept of pages and pictures."""
        response.delete_cookie(
            cookie_name(request),
            path="/",
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        response.headers["Clear-Site-Data"] = '"cache"'


def cookie_name(request: Request) -> str:
    """Return the cookie's name: browsers do not tell the ports of a host apart, so it does."""
    name = f"{NAME}-{port_of(request)}"
    return f"__Host-{name}" if request.is_secure else name


def port_of(request: Request) -> str:
    """Return the port that the browser names, which cookies are told apart by."""
    port = request.host.rpartition(":")[2]
    return port if port.isdigit() else ("443" if request.is_secure else "80")
