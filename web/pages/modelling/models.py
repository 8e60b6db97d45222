"""Models: the list, one with its versions, and where its aliases point."""

from flask import Blueprint, request, url_for

from web.client.errors import Invalid, Stale
from web.client.functions import Functions
from web.client.schemas import Model
from web.forms.fields import parse_version
from web.forms.preconditions import expected_version
from web.forms.traffic import reason_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.http.toasts import Undo
from web.pages.best_effort import BestEffort
from web.pages.bulk import Act, act_on_chosen
from web.pages.lists import PAGE_SIZE, list_page
from web.pages.modelling.seen import refused_if_changed, seen_revision
from web.views.course import course_of
from web.views.lists import Column

COLUMNS = (
    Column("Name", "name"),
    Column("Predicts", "task"),
    Column("Latest", "latest", numeric=True, greatest_first=True),
    Column("Aliases"),
    Column("Changed", "updated_at", greatest_first=True),
)
DELETE = Act("Delete", "deleted", "model", "Calls to them fail from then on.")
SHOWN_CHANGES = 10
UNDONE = "taken back right after it was promoted"
STALE = "Model '{}' was changed after you opened the page. Look at it again before you delete it."


class ModelPages:
    """Handlers of models."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return list_page("models/index.html", self._functions.models.page, COLUMNS)

    def delete_chosen(self) -> Reply:
        """Delete those that were chosen in the list, each if it is still as it was shown."""
        return act_on_chosen(DELETE, self._delete_as_shown, _name, url_for("models.index"))

    def _delete_as_shown(self, value: str) -> None:
        revision = parse_version(value.partition(" ")[2])
        if revision is None:
            raise Invalid("the list does not say which state of it was shown; open it again.")
        try:
            self._functions.models.delete(_name(value), revision)
        except Stale as error:
            raise Stale(STALE.format(_name(value))) from error

    def restore(self, model: str) -> Reply:
        """Have one back that was deleted."""
        self._functions.models.restore(model)
        toasts.say(f"{model} is back, with its versions.")
        return see_other(url_for("models.show", model=model))

    def show(self, model: str) -> Reply:
        """Show one with its versions, the newest first."""
        found = self._functions.models.get(model)
        cursor = request.args.get("cursor")
        versions = self._functions.models.versions(model, PAGE_SIZE, cursor)
        optional = BestEffort()
        history = optional.get(lambda: self._functions.models.history(model, SHOWN_CHANGES))
        return render(
            "models/show.html",
            "list",
            model=found,
            versions=versions,
            cursor=cursor,
            history=history.items if history else [],
            course=course_of(versions.items),
            notes=optional.notes,
        )

    def delete(self, model: str) -> Reply:
        """Delete one with all its versions, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the model it deletes")
        try:
            self._functions.models.delete(model, revision)
        except Stale as error:
            raise Stale(STALE.format(model)) from error
        toasts.say(f"{model} is deleted.", Undo(url_for("models.restore", model=model)))
        return see_other(url_for("models.index"))

    def promote(self, model: str, alias: str) -> Reply:
        """Let an alias name another version."""
        text = request.form.get("version", "")
        version = parse_version(text)
        if version is None:
            raise Invalid(f"'{text[:50]}' is not the number of a version.")
        revision, reason = seen_revision(), reason_of(request.form)
        with refused_if_changed(model):
            made = self._functions.models.promote(model, revision, alias, version, reason)
        toasts.say(f"{alias} of {model} is version {version} now.", _way_back(made, alias))
        return see_other(url_for("models.show", model=model))

    def roll_back(self, model: str, alias: str) -> Reply:
        """Let an alias name what it named before."""
        revision, reason = seen_revision(), reason_of(request.form)
        with refused_if_changed(model):
            made = self._functions.models.roll_back(model, revision, alias, reason)
        toasts.say(f"{alias} of {model} is version {made.aliases[alias]} again.")
        return see_other(url_for("models.show", model=model))


def _way_back(model: Model, alias: str) -> Undo | None:
    """Return the way back from a promotion; None where the alias named nothing before."""
    if not model.previous.get(alias):
        return None
    action = url_for("models.roll_back", model=model.name, alias=alias)
    return Undo(action, {"revision": str(model.revision), "reason": UNDONE})


def _name(value: str) -> str:
    """Return the model of a row's value, which has the revision after it."""
    return value.partition(" ")[0]


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ModelPages(functions)
    blueprint = Blueprint("models", __name__)
    rule = blueprint.add_url_rule
    rule("/models", "index", handlers.index)
    rule("/models/delete", "delete_chosen", handlers.delete_chosen, methods=["POST"])
    rule("/models/<model>/restore", "restore", handlers.restore, methods=["POST"])
    rule("/models/<model>", "show", handlers.show)
    rule("/models/<model>/delete", "delete", handlers.delete, methods=["POST"])
    rule("/models/<model>/aliases/<alias>", "promote", handlers.promote, methods=["POST"])
    rule(
        "/models/<model>/aliases/<alias>/rollback",
        "roll_back",
        handlers.roll_back,
        methods=["POST"],
    )
    return blueprint
