"""A table's columns at a glance, and what was learnt from it."""

from flask import Blueprint, request

from web.client.functions import Functions
from web.client.table_schemas import Dataset, Profile
from web.http.htmx import Reply, render
from web.pages.best_effort import BestEffort
from web.pages.monitoring.live import drifting
from web.views.columns.looks import HEIGHT, by_relation, looks, of_rows

MOST_JOBS = 200


class OverviewPages:
    """Handlers of what is told of a table as a whole."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def columns(self, dataset: str) -> Reply:
        """Show the columns."""
        found = self._functions.datasets.get(dataset)
        best = BestEffort()
        profile = self._profile(found, best)
        columns = looks(found.columns, profile)
        ranked = bool(profile and profile.target) and request.args.get("order") == "relation"
        return render(
            "datasets/columns.html",
            dataset=found,
            looks=by_relation(columns) if ranked else columns,
            target=profile.target if profile else None,
            ranked=ranked,
            of_rows=of_rows(profile),
            drifting=drifting(self._functions, dataset, BestEffort()),
            notes=best.notes,
            height=HEIGHT,
        )

    def _profile(self, dataset: Dataset, best: BestEffort) -> Profile | None:
        """Return what is known of the columns, and how they go with the target, if there is one.

        What cannot be told of the target spoils nothing of the rest.
        """
        if dataset.state != "ready":
            return None
        ask, target = self._functions.datasets.profile, _target(dataset)
        with_target = best.get(lambda: ask(dataset.id, target)) if target else None
        return with_target or best.get(lambda: ask(dataset.id))

    def models(self, dataset: str) -> Reply:
        """Show the trainings on the table, and the models that came of them."""
        found = self._functions.datasets.get(dataset)
        page = self._functions.training.page(MOST_JOBS, None, (("q", dataset),))
        jobs = [one for one in page.items if one.dataset == dataset]
        return render("datasets/models.html", dataset=found, jobs=jobs, more=page.next is not None)


def _target(dataset: Dataset) -> str | None:
    """Return the column that the others are related to: the one asked for, or by its role."""
    asked = request.args.get("target")
    if asked is not None:
        return asked if dataset.column(asked) else None
    return next((one.name for one in dataset.columns if one.role == "target"), None)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    handlers = OverviewPages(functions)
    blueprint = Blueprint("overview", __name__, url_prefix="/datasets/<dataset>")
    blueprint.add_url_rule("/columns", "columns", handlers.columns)
    blueprint.add_url_rule("/models", "models", handlers.models)
    return blueprint
