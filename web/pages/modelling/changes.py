"""What changes who answers: each change asks once, says what follows, and takes a reason."""

from typing import Any

from flask import Blueprint, abort, request, url_for

from web.client.errors import Invalid
from web.client.functions import Functions
from web.client.schemas import Model
from web.forms.traffic import traffic_of
from web.http import toasts
from web.http.htmx import Reply, render, see_other
from web.pages.best_effort import BestEffort
from web.pages.lists import PAGE_SIZE
from web.pages.modelling.seen import refused_if_changed, seen_revision


class ChangePages:
    """Handlers of questions, and of how calls are shared out."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def promote(self, model: str, alias: str) -> Reply:
        """Ask whether an alias shall name another version."""
        found = self._functions.models.get(model)
        version = request.args.get("version", type=int)
        if version is None:
            abort(404, "Choose a version of the model first.")
        optional = BestEffort()
        now = found.aliases.get(alias)
        compared = (
            optional.get(lambda: self._functions.models.compare(model, now, version))
            if now is not None and now != version
            else None
        )
        return self._asked("promote", found, alias, version, compared=compared)

    def roll_back(self, model: str, alias: str) -> Reply:
        """Ask whether an alias shall name what it named before."""
        found = self._functions.models.get(model)
        before = found.previous.get(alias)
        if not before:
            abort(404, f"'{alias[:50]}' has never named another version.")
        return self._asked("roll back", found, alias, before[-1])

    def _asked(self, act: str, model: Model, alias: str, version: int, **more: Any) -> Reply:
        return render(
            "models/change.html",
            "main",
            act=act,
            model=model,
            alias=alias,
            version=version,
            now=model.aliases.get(alias),
            shared=model.traffic.get(alias),
            **more,
        )

    def traffic(self, model: str, alias: str) -> Reply:
        """Show how an alias's calls are shared out, and let that be changed."""
        return self._shown(model, alias)

    def share_out(self, model: str, alias: str) -> Reply:
        """Share them out as the form says."""
        revision = seen_revision()
        try:
            wanted = traffic_of(request.form)
            with refused_if_changed(model):
                self._functions.models.share_out(model, revision, alias, wanted)
        except Invalid as error:
            return self._shown(model, alias, error)
        toasts.say(f"Calls to {model} are shared so from now on.")
        return see_other(url_for("changes.traffic", model=model, alias=alias))

    def end(self, model: str, alias: str) -> Reply:
        """Let all calls go to the version that the alias names."""
        with refused_if_changed(model):
            self._functions.models.end_traffic(model, seen_revision(), alias)
        toasts.say(f"Calls to {model} are no longer shared out.")
        return see_other(url_for("models.show", model=model))

    def _shown(self, model: str, alias: str, error: Invalid | None = None) -> Reply:
        found = self._functions.models.get(model)
        if alias not in found.aliases:
            abort(404, f"'{model[:50]}' has no alias '{alias[:50]}'.")
        optional = BestEffort()
        shared = (
            optional.get(lambda: self._functions.models.traffic(model, alias))
            if alias in found.traffic
            else None
        )
        return render(
            "models/traffic.html",
            "main",
            model=found,
            alias=alias,
            now=found.aliases[alias],
            versions=self._functions.models.versions(model, PAGE_SIZE).items,
            shared=shared,
            typed=request.form if error else {},
            error=error,
            notes=optional.notes,
        )


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = ChangePages(functions)
    blueprint = Blueprint("changes", __name__, url_prefix="/models/<model>/aliases/<alias>")
    rule = blueprint.add_url_rule
    rule("", "promote", handlers.promote)
    rule("/rollback", "roll_back", handlers.roll_back)
    rule("/traffic", "traffic", handlers.traffic)
    rule("/traffic", "share_out", handlers.share_out, methods=["POST"])
    rule("/traffic/end", "end", handlers.end, methods=["POST"])
    return blueprint
