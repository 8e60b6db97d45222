"""Activity: who asked what of which function, and how that went."""

from flask import Blueprint, request

from web.client.account_schemas import Line
from web.client.errors import Failure, Refused
from web.client.functions import NAMES, Functions
from web.client.schemas import Page
from web.forms.activity import TEXTS, TIMES, parse_search
from web.http.htmx import Reply, render
from web.http.readers import reader
from web.pages.lists import PAGE_SIZE
from web.views.lists import Column, ListView, Look

COLUMNS = (
    Column("Time"),
    Column("Caller"),
    Column("Function"),
    Column("Request"),
    Column("Status", numeric=True),
    Column("Took", numeric=True),
    Column("Call id"),
)
NOTHING: Page[Line] = Page(items=[])


class ActivityPages:
    """Handlers of the log of requests."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """Search it; a search that cannot be made is told in place."""
        args = request.args
        whole = args.get("of") == "system" and reader().may("operate")
        of = (("of", "system"),) if whole else ()
        page, error = self._found(of)
        texts = {name: args.get(name, "").strip() for name in (*TEXTS, *TIMES)}
        kept = {name: text for name, text in (*texts.items(), *of) if text}
        look = Look(cursor=args.get("cursor") or None, at=Look.of(args).at)
        return render(
            "activity/index.html",
            "list",
            error=error,
            list=ListView("activity", page, look, COLUMNS, kept),
            texts=texts,
            whole=whole,
            known=sorted(NAMES),
        )

    def _found(self, of: tuple[tuple[str, str], ...]) -> tuple[Page[Line], Failure | None]:
        try:
            search = parse_search(request.args)
            cursor = request.args.get("cursor")
            return self._functions.activity.page(PAGE_SIZE, cursor, (*search, *of)), None
        except Refused as error:
            return NOTHING, error


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ActivityPages(functions)
    blueprint = Blueprint("activity", __name__)
    blueprint.add_url_rule("/activity", "index", handlers.index)
    return blueprint
