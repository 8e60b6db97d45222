"""The reader's own account: name, password, and where it is signed in."""

from flask import Blueprint, Response, request, url_for
from msgspec.structs import replace

from web.client.errors import Conflict, Failure, Forbidden, Invalid, Refused, TooMany
from web.client.functions import Functions
from web.forms.sign_up import parse_password
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import reader
from web.pages.authentication.entrance import Entrance
from web.pages.best_effort import BestEffort

IN_PLACE = (Refused, Conflict, Forbidden, TooMany)
SAID = {
    "name": "Your name is changed.",
    "password": "Your password is changed. Everywhere else you are signed out.",
    "session": "That session has ended.",
}


class AccountPages:
    """Handlers of the account that is signed in."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def show(self) -> Reply:
        """Show it."""
        return self._page()

    def rename(self) -> Reply:
        """Give it another name."""
        name = request.form.get("name", "").strip()
        if not name:
            return self._page(Invalid("A name has at least one letter."), "name")
        try:
            self._functions.accounts.rename(name)
        except IN_PLACE as error:
            return self._page(error, "name")
        seat = replace(reader().seat, name=name)
        toasts.say(SAID["name"])
        return self._entrance.move(seat, None, url_for("account.show"))

    def change_password(self) -> Reply:
        """Set another password."""
        try:
            password = parse_password(request.form)
            self._functions.accounts.change_password(request.form.get("current", ""), password)
        except IN_PLACE as error:
            return self._page(error, "password")
        toasts.say(SAID["password"])
        return see_other(url_for("account.show"))

    def end_session(self, session: str) -> Reply:
        """End one session; one's own leads to the door."""
        self._functions.accounts.end_session(session)
        toasts.say(SAID["session"])
        return see_other(url_for("account.show"))

    def _page(self, error: Failure | None = None, part: str = "") -> Response:
        optional = BestEffort()
        return render(
            "account/show.html",
            error=error,
            part=part,
            sessions=optional.get(self._functions.accounts.sessions),
            notes=optional.notes,
        )


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = AccountPages(functions, entrance)
    blueprint = Blueprint("account", __name__, url_prefix="/account")
    rule = blueprint.add_url_rule
    rule("", "show", handlers.show)
    rule("", "rename", handlers.rename, methods=["POST"])
    rule("/password", "change_password", handlers.change_password, methods=["POST"])
    rule("/sessions/<session>/end", "end_session", handlers.end_session, methods=["POST"])
    return blueprint
