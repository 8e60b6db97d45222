"""Models: the list, one with its versions, and where its aliases point."""

from flask import Blueprint, request, url_for

from web.functions import FunctionError, Functions
from web.htmx import Reply, go, page


class ModelPages:
    """Handlers of models."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def index(self) -> Reply:
        """List them."""
        return page("models/index.html", models=self._functions.models.all())

    def show(self, model: str) -> Reply:
        """Show one with its versions, the newest first."""
        found = self._functions.models.get(model)
        versions = self._functions.models.versions(model)
        versions.sort(key=lambda version: version.version, reverse=True)
        return page("models/show.html", model=found, versions=versions)

    def promote(self, model: str, alias: str) -> Reply:
        """Let an alias name another version."""
        text = request.form.get("version", "")
        if not text.isdecimal():
            raise FunctionError(422, f"'{text}' is not the number of a version.")
        self._functions.models.promote(model, alias, int(text))
        return go(url_for("models.show", model=model))

    def roll_back(self, model: str, alias: str) -> Reply:
        """Let an alias name what it named before."""
        self._functions.models.roll_back(model, alias)
        return go(url_for("models.show", model=model))


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ModelPages(functions)
    blueprint = Blueprint("models", __name__)
    rule = blueprint.add_url_rule
    rule("/models", "index", handlers.index)
    rule("/models/<model>", "show", handlers.show)
    rule("/models/<model>/aliases/<alias>", "promote", handlers.promote, methods=["POST"])
    rule(
        "/models/<model>/aliases/<alias>/rollback",
        "roll_back",
        handlers.roll_back,
        methods=["POST"],
    )
    return blueprint
