"""The first page, a control room: what serves, what runs, what needs somebody, what changed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Blueprint

from web.client.account_schemas import Usage
from web.client.alert_schemas import Alert
from web.client.errors import Failure
from web.client.functions import Functions
from web.client.schemas import Page
from web.http.htmx import Reply, render
from web.pages.at_once import at_once
from web.pages.monitoring.live import MOST_ALERTS, OPEN
from web.pages.tables.samples import samples
from web.views.control_room import failed, last_changed, seconds_left, used_up
from web.views.monitoring.operations import by_model, urgent

T = TypeVar("T")

SHOWN = 12
# Trainings that run are among the newest.
NEWEST = 50
LATEST = (("sort", "-updated_at"), ("count", "true"))


class Section(Generic[T]):
    """The first of a list, which may be out of reach: one function must not take the page along.

    Attributes:
        count: of the whole list.
        failure: why there is none.
    """

    def __init__(self, fetch: Callable[[], Page[T]]) -> None:
        self.items: list[T] = []
        self.count = 0
        self.failure = ""
        try:
            found = fetch()
            self.items, self.count = found.items, found.count or len(found.items)
        except Failure as error:
            self.failure = error.detail


class HomePages:
    """Handlers of the first page."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def show(self) -> Reply:
        """Show how things stand; on first use, the way in."""
        datasets, jobs, models, usages, alerts = sections = self._sections()
        usage = usages.items[0] if usages.items else None
        return render(
            "home/show.html",
            "room",
            datasets=datasets,
            jobs=jobs,
            models=models,
            missing={"Data": datasets, "Trainings": jobs, "Models": models},
            first_use=not any(one.items or one.failure for one in sections[:3]),
            running=[(job, seconds_left(job)) for job in jobs.items if job.live],
            failed=failed(jobs.items),
            used=used_up(usage),
            alerts=urgent(alerts.items),
            alerts_unknown=bool(alerts.failure),
            alerts_of=by_model(alerts.items),
            changed=last_changed(datasets.items, jobs.items, models.items),
            samples=samples(self._examples),
        )

    def _sections(self) -> list[Section[Any]]:
        functions = self._functions

        def usage() -> Page[Usage]:
            return Page([functions.plans.usage()])

        def alerts() -> Page[Alert]:
            return functions.alerts.page(MOST_ALERTS, None, OPEN)

        fetches: list[Callable[[], Page[Any]]] = [
            partial(functions.datasets.page, SHOWN, None, LATEST),
            partial(functions.training.page, NEWEST),
            partial(functions.models.page, SHOWN, None, LATEST),
            usage,
            alerts,
        ]
        return at_once([partial(Section, fetch) for fetch in fetches])


def pages(functions: Functions, examples: Path) -> Blueprint:
    """Return the blueprint."""
    handlers = HomePages(functions, examples)
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", "show", handlers.show)
    return blueprint
