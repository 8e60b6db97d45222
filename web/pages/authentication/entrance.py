"""How a reader comes in, and leaves: the session begins and ends here, with its cookie."""

from collections.abc import Sequence

from flask import Response, g, request
from msgspec.structs import replace

from web.client import credentials
from web.client.account_schemas import Signed, Workspace
from web.client.calls.sign_in import Visitor
from web.client.errors import Failure, SignedOut
from web.client.functions import Functions
from web.http.guard import credential_of
from web.http.htmx import see_other
from web.http.readers import reader_or_none
from web.http.seats import Seat, Seats, shortened
from web.views.moments import seconds_of


def visitor() -> Visitor:
    """Return the browser that asks."""
    return Visitor(request.remote_addr or "", request.headers.get("User-Agent", ""))


class Entrance:
    """Begins and ends sessions.

    Args:
        functions: the account's workspaces are asked for.
        seats: the cookie.
    """

    def __init__(self, functions: Functions, seats: Seats) -> None:
        self._functions = functions
        self._seats = seats

    def enter(self, signed: Signed, to: str) -> Response:
        """Seat the reader, and go on to `to`; a session that this browser had before ends."""
        if reader_or_none() is not None:
            self._end_session()
        account = signed.account
        seat = Seat(
            token=signed.token,
            account=account.id,
            name=account.name or account.email,
            workspace=account.home,
            place=account.home,
            ends=seconds_of(signed.ends_at),
        )
        known = self._workspaces(seat)
        home = next((one for one in known if one.home), known[0] if known else None)
        return self.move(seat, home, to, known)

    def move(
        self, seat: Seat, workspace: Workspace | None, to: str, known: Sequence[Workspace] = ()
    ) -> Response:
        """Go on to `to`, in a workspace; `known` are those of the account, if asked for."""
        if workspace is not None:
            seat = replace(seat, workspace=workspace.id, place=workspace.name)
            names = {one.id: one.name for one in known} or seat.workspaces
            seat = replace(seat, workspaces=shortened({workspace.id: workspace.name} | names))
        response = see_other(to)
        self._seats.give(request, response, seat)
        return response

    def leave(self, to: str) -> tuple[Response, bool]:
        """Sign out, and go on to `to`; tell, too, whether the session has ended for certain."""
        ended = reader_or_none() is None or self._end_session()
        response = see_other(to)
        self._seats.take(request, response)
        return response, ended

    def _end_session(self) -> bool:
        try:
            self._functions.accounts.sign_out()
        except SignedOut:  # it had ended
            return True
        except Failure:
            return False
        return True

    def _workspaces(self, seat: Seat) -> Sequence[Workspace]:
        """Return those that the account has; none where they cannot be had."""
        g.reader = None
        try:
            with credentials.using(credential_of(seat)):
                return self._functions.accounts.workspaces()
        except (Failure, SignedOut):
            return ()
