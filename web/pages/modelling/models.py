"""Models: the list, one with its versions, and where its aliases point."""

from flask import Blueprint, request, url_for

from web.client.errors import Invalid, Stale
from web.client.functions import Functions
from web.forms.fields import parse_version
from web.forms.preconditions import expected_version
from web.http.htmx import Reply, render, see_other
from web.pages.lists import PAGE_SIZE, list_page

STALE = "Model '{}' was changed after you opened the page. Look at it again before you delete it."


class ModelPages:
    """Handlers of models."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return list_page("models/index.html", self._functions.models.page)

    def show(self, model: str) -> Reply:
        """Show one with its versions, the newest first."""
        found = self._functions.models.get(model)
        cursor = request.args.get("cursor")
        versions = self._functions.models.versions(model, PAGE_SIZE, cursor)
        return render("models/show.html", "list", model=found, versions=versions, cursor=cursor)

    def delete(self, model: str) -> Reply:
        """Delete one with all its versions, if it is still as it was shown."""
        revision = expected_version(request.form, "revision", "the model it deletes")
        try:
            self._functions.models.delete(model, revision)
        except Stale as error:
            raise Stale(STALE.format(model)) from error
        return see_other(url_for("models.index"))

    def promote(self, model: str, alias: str) -> Reply:
        """Let an alias name another version."""
        text = request.form.get("version", "")
        version = parse_version(text)
        if version is None:
            raise Invalid(f"'{text[:50]}' is not the number of a version.")
        self._functions.models.promote(model, alias, version)
        return see_other(url_for("models.show", model=model))

    def roll_back(self, model: str, alias: str) -> Reply:
        """Let an alias name what it named before."""
        self._functions.models.roll_back(model, alias)
        return see_other(url_for("models.show", model=model))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ModelPages(functions)
    blueprint = Blueprint("models", __name__)
    rule = blueprint.add_url_rule
    rule("/models", "index", handlers.index)
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
