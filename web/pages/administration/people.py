"""The people of the workspace: who they are, what they may do, and who is invited."""

from flask import Blueprint, Response, request, url_for

from web.client.account_schemas import Invitation
from web.client.errors import Conflict, Failure, Invalid, Refused
from web.client.functions import Functions
from web.client.schemas import Page
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import reader
from web.pages.lists import PAGE_SIZE, list_view
from web.views.lists import Column

IN_PLACE = (Refused, Conflict)
COLUMNS = (Column("Name", "name"), Column("E-mail address", "email"), Column("Role", "role"))
NOBODY: Page[Invitation] = Page(items=[])


class PeoplePages:
    """Handlers of members and invitations."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return self._page()

    def change_role(self, account: str) -> Reply:
        """Give a member another role."""
        try:
            self._functions.people.change_role(account, request.form.get("role", ""))
        except IN_PLACE as error:
            return self._page(error)
        return _said("The role is changed.")

    def remove(self, account: str) -> Reply:
        """Take a member out."""
        try:
            self._functions.people.remove(account)
        except IN_PLACE as error:
            return self._page(error)
        return _said("That person is no member any more.")

    def invite(self) -> Reply:
        """Invite somebody; the link is shown this once."""
        email = request.form.get("email", "").strip()
        if "@" not in email:
            return self._page(Invalid("Give an e-mail address, such as ada@example.org."))
        try:
            made = self._functions.people.invite(
                email, request.form.get("role", ""), key_of(request.form)
            )
        except IN_PLACE as error:
            return self._page(error)
        return self._page(made=made)

    def withdraw(self, invitation: str) -> Reply:
        """Take an invitation back."""
        self._functions.people.withdraw(invitation)
        return _said("The invitation is withdrawn.")

    def _page(self, error: Failure | None = None, made: Invitation | None = None) -> Response:
        invited = reader().may("manage")
        return render(
            "people/index.html",
            "list",
            error=error,
            status=201 if made else None,
            list=list_view("people", self._functions.people.page, COLUMNS),
            invitations=self._functions.people.invitations(PAGE_SIZE) if invited else NOBODY,
            made=made,
            texts=request.form,
        )


def _said(text: str) -> Response:
    toasts.say(text)
    return see_other(url_for("people.index"))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = PeoplePages(functions)
    blueprint = Blueprint("people", __name__, url_prefix="/people")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("/invitations", "invite", handlers.invite, methods=["POST"])
    rule("/invitations/<invitation>/withdraw", "withdraw", handlers.withdraw, methods=["POST"])
    rule("/<account>/role", "change_role", handlers.change_role, methods=["POST"])
    rule("/<account>/remove", "remove", handlers.remove, methods=["POST"])
    return blueprint
