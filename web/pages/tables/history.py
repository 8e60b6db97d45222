"""What became of a table: its changes, each of which can be taken back, and its revisions."""

from flask import Blueprint, request, url_for

from web.client.errors import Stale
from web.client.functions import Functions
from web.client.table_schemas import Change
from web.forms.preconditions import expected_version
from web.forms.repeats import key_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.readers import require
from web.pages.best_effort import BestEffort
from web.pages.tables.ways_back import undo_of
from web.views.changes import entries, sentence

CHANGES = 25
PEOPLE = 200
STALE = "The table was changed after you opened the page. Look at what came, then restore again."


class HistoryPages:
    """Handlers of a table's past."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self, dataset: str) -> Reply:
        """List the changes, the newest first."""
        cursor = request.args.get("cursor") or None
        found = self._functions.datasets.get(dataset)
        page = self._functions.datasets.changes(dataset, CHANGES, cursor)
        return render(
            "datasets/history.html",
            "changes",
            dataset=found,
            entries=entries(page.items, self._names(), found.revision),
            page=page,
            cursor=cursor,
        )

    def undo(self, dataset: str, revision: int) -> Reply:
        """Take back one change; what it was of must not have been changed since."""
        require("write")
        change = self._functions.datasets.undo_change(dataset, revision, key_of(request.form))
        toasts.say(f"Taken back. {_goes_on(change)}".strip(), undo_of(dataset, change))
        return see_other(url_for("datasets.show", dataset=dataset))

    def restore(self, dataset: str, revision: int) -> Reply:
        """Have all rows as they were at a revision, if nothing came since the page was made."""
        require("write")
        current = expected_version(request.form, "current", "the table it restores")
        try:
            change = self._functions.datasets.restore(
                dataset, revision, current, key_of(request.form)
            )
        except Stale as error:
            raise Stale(STALE) from error
        told = f"The rows are as they were at revision {revision:,}."
        toasts.say(_goes_on(change) or told, undo_of(dataset, change))
        return see_other(url_for("datasets.show", dataset=dataset))

    def _names(self) -> dict[str, str]:
        """Return the names of people by their accounts; the page stands without."""
        found = BestEffort().get(lambda: self._functions.people.page(PEOPLE))
        return {one.account: one.name for one in found.items} if found else {}


def _goes_on(change: Change) -> str:
    if change.state != "running":
        return ""
    return f"{sentence(change.summary)} is under way; the page shows how far it is."


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = HistoryPages(functions)
    blueprint = Blueprint("history", __name__, url_prefix="/datasets/<dataset>")
    rule = blueprint.add_url_rule
    rule("/history", "index", handlers.index)
    rule("/history/<int:revision>/undo", "undo", handlers.undo, methods=["POST"])
    rule("/history/<int:revision>/restore", "restore", handlers.restore, methods=["POST"])
    return blueprint
