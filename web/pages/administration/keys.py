"""API keys: for programs, each with a purpose, an end, and no more rights than it needs."""

from flask import Blueprint, Response, request, url_for

from web.client.account_schemas import Key
from web.client.errors import Conflict, Failure, Forbidden, Invalid, Refused
from web.client.functions import Functions
from web.forms.fields import parse_version
from web.forms.keys import DAYS, OVERLAPS, SCOPES, parse_key_order
from web.forms.repeats import key_of
from web.http.htmx import Reply, render, see_other
from web.http.readers import reader
from web.pages.lists import PAGE_SIZE

IN_PLACE = (Refused, Conflict, Forbidden)
SAID = {"revoked": "The key is revoked: from now on it opens nothing."}


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
        return see_other(url_for("keys.index", said="revoked"))

    def _page(
        self,
        error: Failure | None = None,
        made: Key | None = None,
        scopes: list[str] | None = None,
    ) -> Response:
        cursor = request.args.get("cursor")
        everyones = request.args.get("of") == "all" and reader().may("manage")
        of = "all" if everyones else "own"
        return render(
            "keys/index.html",
            "list",
            error=error,
            status=201 if made else None,
            page=self._functions.keys.page(PAGE_SIZE, cursor, of),
            cursor=cursor,
            of=of,
            made=made,
            texts=request.form if error else {},
            scopes=["read", "predict"] if scopes is None else scopes,
            SCOPES=SCOPES,
            DAYS=DAYS,
            OVERLAPS=OVERLAPS,
            said=SAID.get(request.args.get("said", "")),
        )


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = KeyPages(functions)
    blueprint = Blueprint("keys", __name__, url_prefix="/keys")
    rule = blueprint.add_url_rule
    rule("", "index", handlers.index)
    rule("", "make", handlers.make, methods=["POST"])
    rule("/<key>/rotate", "rotate", handlers.rotate, methods=["POST"])
    rule("/<key>/revoke", "revoke", handlers.revoke, methods=["POST"])
    return blueprint
