"""Two versions of a model side by side."""

from flask import Blueprint, request

from web.client.errors import Conflict
from web.client.functions import Functions
from web.client.registry_schemas import Compared
from web.client.schemas import Evaluation, Version
from web.http.htmx import Reply, render
from web.pages.lists import PAGE_SIZE
from web.views.lead import lead
from web.views.side_by_side import beside


class ComparisonPages:
    """Handlers of comparisons."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self, model: str) -> Reply:
        """Compare the two versions that the address names, else the champion and the newest."""
        models = self._functions.models
        found = models.get(model)
        a = request.args.get("a", type=int) or found.aliases.get("champion") or 1
        b = request.args.get("b", type=int) or found.latest
        first, second = models.version(model, a), models.version(model, b)
        compared, why = self._compared(first, second)
        return render(
            "models/compare.html",
            "main",
            model=found,
            versions=models.versions(model, PAGE_SIZE).items,
            sides=[(one, lead(one.evaluation or Evaluation())) for one in (first, second)],
            rows=beside(first, second),
            compared=compared,
            why=why,
        )

    def _compared(self, a: Version, b: Version) -> tuple[Compared | None, str]:
        """Return how they compare on rows that both held out, or why they cannot be compared."""
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
