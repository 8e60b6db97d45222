"""Who looks at the page: a guest, or somebody with rights."""

from collections.abc import Callable

from flask import g

from web.client.account_schemas import Me, Right
from web.client.errors import Failure, Forbidden, SignedOut, Unavailable
from web.http.seats import Seat

TO: dict[Right, str] = {"write": "change things", "operate": "run the system"}
REMEDY = "ask an owner of the workspace for another role"


class Reader:
    """Somebody who is signed in, for pages and templates.

    Args:
        seat: what the cookie says.
        ask: what the function says; it is asked once a page, where a page depends on it.
    """

    def __init__(self, seat: Seat, ask: Callable[[], Me]) -> None:
        self.seat = seat
        self._ask = ask
        self._asked = False
        self._me: Me | None = None

    @property
    def me(self) -> Me | None:
        """Return who calls; None while that cannot be had.

        Raises:
            SignedOut: the session has ended.
        """
        if not self._asked:
            try:
                self._me = self._ask()
            except Failure:  # the page stands without it
                self._me = None
            self._asked = True
        return self._me

    def is_live(self) -> bool:
        """Tell whether the session counts, as far as anybody knows."""
        try:
            _ = self.me
        except SignedOut:
            return False
        return True

    @property
    def name(self) -> str:
        """Return what to call the reader."""
        return self._me.name if self._me else self.seat.name

    def may(self, right: Right) -> bool:
        """Tell whether to show what needs `right`; where nobody knows, the function will say."""
        return self.me is None or right in self.me.rights


def require(right: Right) -> None:
    """Refuse a form that its reader could not send; raises Forbidden."""
    if not reader().may(right):
        raise Forbidden(f"Your role here does not let you {TO[right]}; {REMEDY}.")


def require_known(right: Right) -> None:
    """Refuse a page that no function guards: unlike `require`, a doubt is a no.

    Raises:
        Forbidden: the reader has not the right.
        Unavailable: nobody can say at the moment.
    """
    if reader().me is None:
        raise Unavailable("Who you are cannot be checked at the moment. Try again shortly.")
    require(right)


def reader() -> Reader:
    """Return who made this request; only where the guard let nobody else in."""
    found: Reader = g.reader
    return found


def reader_or_none() -> Reader | None:
    """Return who made this request, or None for a guest."""
    found: Reader | None = g.get("reader")
    return found


def seat_or_none() -> Seat | None:
    """Return what the cookie of this request says, or None for a guest."""
    found = reader_or_none()
    return found.seat if found else None
