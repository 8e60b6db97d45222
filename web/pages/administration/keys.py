"""API keys: for programs, each with a purpose, an end, and no more rights than it needs."""

from functools import partial

from flask import Blueprint, Response, request, url_for

from web.client.account_schemas import Key
from web.client.errors import Conflict, Failure, Forbidden, Invalid, Refused
from web.client.functions import Functions
from web.client.schemas import Page
from web.forms.fields import parse_version
from web.forms.keys import DAYS, OVERLAPS, SCOPES, parse_key_order
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import reader
from web.pages.bulk import Act, act_on_chosen
from web.pages.lists import Fetch, Params, list_view
from web.views.lists import Column

COLUMNS = (
    Column("Name", "name"),
    Column("May"),
    Column("For"),
    Column("Made", "created_at", greatest_first=True),
    Column("Last used", "last_used_at", greatest_first=True),
    Column("Ends", "ends_at"),
)
REVOKE = Act("Revoke", "revoked", "key", "Programs that use them are refused from now on.")
IN_PLACE = (Refused, Conflict, Forbidden)


class KeyPages:
    """Handlers of keys."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return self._page()

    def make(self) -> Reply:
        """Make one; it is shown this once."""
        scopes = request.form.getlist("scopes")
        try:
            made = self._functions.keys.make(
                parse_key_order(request.form, scopes), key_of(request.form)
            )
        except IN_PLACE as error:
            return self._page(error, scopes=scopes)
        return self._page(made=made)

    def rotate(self, key: str) -> Reply:
        """Make another in its place; it is shown this once."""
        overlap = request.form.get("overlap", "0")
        if overlap not in OVERLAPS:
            raise Invalid(f"'{overlap[:20]}' is no time that the old key may go on for.")
        made = self._functions.keys.rotate(key, parse_version(overlap) or 0, key_of(request.form))
        return self._page(made=made)

    def revoke(self, key: str) -> Reply:
        """Let a key not count any more."""
        self._functions.keys.revoke(key)
        toasts.say("The key is revoked: from now on it opens nothing.")
        return see_other(url_for("keys.index"))

    def revoke_chosen(self) -> Reply:
        """Let those that were chosen in the list not count any more."""
        do = self._functions.keys.revoke
        return act_on_chosen(REVOKE, do, lambda one: one[:8], url_for("keys.index"))

    def _page(
        self,
        error: Failure | None = None,
        made: Key | None = None,
        scopes: list[str] | None = None,
    ) -> Response:
        everyones = request.args.get("of") == "all" and reader().may("manage")
        of = "all" if everyones else "own"
        kept = {"of": of} if everyones else {}
        return render(
            "keys/index.html",
            "list",
            error=error,
            status=201 if made else None,
            list=list_view("keys", partial(_of, self._functions.keys.page, of), COLUMNS, kept),
            of=of,
            made=made,
            texts=request.form if error else {},
            scopes=["read", "predict"] if scopes is None else scopes,
            SCOPES=SCOPES,
            DAYS=DAYS,
            OVERLAPS=OVERLAPS,
        )


def _of(fetch: Fetch[Key], of: str, limit: int, cursor: str | None, look: Params) -> Page[Key]:
    """Fetch a page of keys: one's own, or everybody's."""
    return fetch(limit, cursor, (*look, ("of", of)))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = KeyPages(functions)
    blueprint = Blueprint("keys", __name__, url_prefix="/keys")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/revoke", "revoke_chosen", handlers.revoke_chosen, methods=["POST"])
    rule("/<key>/rotate", "rotate", handlers.rotate, methods=["POST"])
    rule("/<key>/revoke", "revoke", handlers.revoke, methods=["POST"])
    return blueprint
