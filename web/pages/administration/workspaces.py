"""The reader's workspaces: go to another, make one."""

from flask import Blueprint, Response, abort, request, url_for

from web.client.errors import Conflict, Failure, Forbidden, Invalid, Refused
from web.client.functions import Functions
from web.forms.repeats import key_of
from web.http.destinations import checked
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.pages.authentication.entrance import Entrance

IN_PLACE = (Refused, Conflict, Forbidden)


class WorkspacePages:
    """Handlers of workspaces."""

    def __init__(self, functions: Functions, entrance: Entrance) -> None:
        self._functions = functions
        self._entrance = entrance

    def index(self) -> Reply:
        """List those that the reader belongs to."""
        return self._page()

    def choose(self, workspace: str) -> Reply:
        """Go to another: to its first page, or back to the page that the form names."""
        known = self._functions.accounts.workspaces()
        there = next((one for one in known if one.id == workspace), None)
        if there is None:
            abort(404, f"There is no workspace '{workspace[:60]}'.")
        return self._entrance.move(reader().seat, there, checked(request.form.get("next")), known)

    def make(self) -> Reply:
        """Make one, and go there."""
        name = request.form.get("name", "").strip()
        if not name:
            return self._page(Invalid("Give the workspace a name."))
        try:
            made = self._functions.accounts.make_workspace(name, key_of(request.form))
        except IN_PLACE as error:
            return self._page(error, name)
        return self._entrance.move(reader().seat, made, url_for("home.show"))

    def _page(self, error: Failure | None = None, name: str = "") -> Response:
        found = self._functions.accounts.workspaces()
        return render("workspaces/index.html", error=error, workspaces=found, name=name)


def pages(functions: Functions, entrance: Entrance) -> Blueprint:
    """Return the blueprint."""
    handlers = WorkspacePages(functions, entrance)
    blueprint = Blueprint("workspaces", __name__, url_prefix="/workspaces")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/<workspace>/choose", "choose", handlers.choose, methods=["POST"])
    return blueprint
