"""An invitation, as whoever is invited sees it: join, or first sign in or make an account."""

from flask import Blueprint, Response, request, url_for

from web.client.errors import Conflict, Failure, Forbidden, Gone, NotFound, Refused
from web.client.functions import Functions
from web.http.guard import send_to_sign_in
from web.http.htmx import Reply, render
from web.http.readers import reader_or_none
from web.pages.authentication.entrance import Entrance

IN_PLACE = (Refused, NotFound, Conflict, Forbidden, Gone)


class InvitationPages:
    """Handlers of an invitation's link."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def show(self) -> Reply:
        """Ask whether to join, or who it is."""
        return _page(request.args.get("token", ""))

    def accept(self) -> Reply:
        """Join, and go there."""
        token = request.form.get("token", "")
        reader = reader_or_none()
        if reader is None:
            return send_to_sign_in()
        try:
            joined = self._functions.accounts.accept(token)
        except IN_PLACE as error:
            return _page(token, error)
        known = self._functions.accounts.workspaces()
        there = next((one for one in known if one.id == joined.workspace), None)
        return self._entrance.move(reader.seat, there, url_for("home.show"), known)


def _page(token: str, error: Failure | None = None) -> Response:
    return render("sign_in/invitation.html", error=error, token=token)


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = InvitationPages(functions, entrance)
    blueprint = Blueprint("invitations", __name__, url_prefix="/invitation")
    blueprint.add_url_rule("", "show", handlers.show)
    blueprint.add_url_rule("", "accept", handlers.accept, methods=["POST"])
    return blueprint
