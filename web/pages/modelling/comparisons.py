"""Two versions of a model side by side."""

from typing import Any

from flask import Blueprint, Response, request

from web.client.errors import Conflict, Invalid, NotFound
from web.client.functions import Functions
from web.client.registry_schemas import Compared
from web.client.schemas import Evaluation, Model, Version
from web.forms.fields import version_named
from web.http.htmx import Reply, render
from web.pages.lists import PAGE_SIZE
from web.views.lead import lead
from web.views.side_by_side import beside

CHAMPION = "champion"


class ComparisonPages:
    """Handlers of comparisons."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str) -> Reply:
        """Compare the two versions that the address names, else the champion and the newest."""
        found = self._functions.models.get(model)
        texts = {
            "a": request.args.get("a", "").strip() or str(found.aliases.get(CHAMPION, 1)),
            "b": request.args.get("b", "").strip() or str(found.latest),
        }
        try:
            first, second = (self._version(found, text) for text in texts.values())
        except (Invalid, NotFound) as error:
            return self._page(found, texts, error=error)
        compared, why = self._compared(first, second)
        sides = [(one, lead(one.evaluation or Evaluation())) for one in (first, second)]
        rows = beside(first, second)
        return self._page(found, texts, sides=sides, rows=rows, compared=compared, why=why)

    def _page(self, model: Model, texts: dict[str, str], **told: Any) -> Response:
        versions = self._functions.models.versions(model.name, PAGE_SIZE).items
        return render(
            "models/compare.html", "main", model=model, versions=versions, texts=texts, **told
        )

    def _version(self, model: Model, text: str) -> Version:
        """Return the version that a reader means; raises Invalid, NotFound."""
        number = version_named(text, model.aliases)
        if number is None:
            raise Invalid(
                f"“{text[:40]}” is no version of {model.name}: give a number such as "
                f"{model.latest}, or an alias such as {CHAMPION}."
            )
        return self._functions.models.version(model.name, number)

    def _compared(self, a: Version, b: Version) -> tuple[Compared | None, str]:
        """Return how they compare on the same rows, or why they cannot be compared."""
        if a.version == b.version:
            return None, "This is one version; choose another to compare it with."
        try:
            return self._functions.models.compare(a.model, a.version, b.version), ""
        except Conflict as error:
            return None, error.detail


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("comparisons", __name__)
    blueprint.add_url_rule("/models/<model>/compare", "show", ComparisonPages(functions).show)
    return blueprint
