"""A table's columns at a glance, and what was learnt from it."""

from flask import Blueprint

from web.client.functions import Functions
from web.http.htmx import Reply, render
from web.pages.best_effort import BestEffort
from web.pages.monitoring.live import drifting
from web.views.column_looks import HEIGHT, looks, of_rows

MOST_JOBS = 200


class OverviewPages:
    """Handlers of what is told of a table as a whole."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def columns(self, dataset: str) -> Reply:
        """Show the columns."""
        found = self._functions.datasets.get(dataset)
        best = BestEffort()
        profile = None
        if found.state == "ready":
            profile = best.get(lambda: self._functions.datasets.profile(dataset))
        return render(
            "datasets/columns.html",
            dataset=found,
            looks=looks(found.columns, profile),
            of_rows=of_rows(profile),
            drifting=drifting(self._functions, dataset, BestEffort()),
            notes=best.notes,
            height=HEIGHT,
        )

    def models(self, dataset: str) -> Reply:
        """Show the trainings on the table, and the models that came of them."""
        found = self._functions.datasets.get(dataset)
        page = self._functions.training.page(MOST_JOBS, None, (("q", dataset),))
        jobs = [one for one in page.items if one.dataset == dataset]
        return render("datasets/models.html", dataset=found, jobs=jobs, more=page.next is not None)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = OverviewPages(functions)
    blueprint = Blueprint("overview", __name__, url_prefix="/datasets/<dataset>")
    blueprint.add_url_rule("/columns", "columns", handlers.columns)
    blueprint.add_url_rule("/models", "models", handlers.models)
    return blueprint
