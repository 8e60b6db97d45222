"""The first page, a control room: what serves, what runs, what needs somebody, what changed."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Blueprint, make_response, render_template

from web.client.account_schemas import Line, Usage
from web.client.alert_schemas import Alert
from web.client.errors import Failure
from web.client.functions import Functions
from web.client.schemas import Page
from web.http.htmx import Reply, render
from web.pages.at_once import at_once
from web.pages.best_effort import BestEffort
from web.pages.monitoring.live import MOST_ALERTS, OPEN, windows_of
from web.pages.tables.samples import samples
from web.views.control_room import failed, last_changed, seconds_left, used_up
from web.views.monitoring.operations import by_model, urgent
from web.views.monitoring.serving import HOURS, MEASURES, by_name, failed_calls

T = TypeVar("T")

SHOWN = 12
MOST_LINES = 500
# Trainings that run are among the newest.
NEWEST = 50
LATEST = (("sort", "-updated_at"), ("count", "true"))


class Section(Generic[T]):
    """The first of a list, which may be out of reach: one function must not take the page along.

    Attributes:
        count: of the whole list.
        next: whether more follow.
        failure: why there is none.
    """

    def __init__(self, fetch: Callable[[], Page[T]]) -> None:
        self.items: list[T] = []
        self.count = 0
        self.next = False
        self.failure = ""
        try:
            found = fetch()
            self.items, self.count = found.items, found.count or len(found.items)
            self.next = found.next is not None
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
        serving = [one.name for one in models.items if "champion" in one.aliases]
        optional = BestEffort()
        windows = windows_of(self._functions, serving, "hour", HOURS, optional, MEASURES)
        return render(
            "home/show.html",
            "room",
            datasets=datasets,
            jobs=jobs,
            models=models,
            at_a_glance=by_name(windows),
            unmeasured=bool(optional.notes),
            missing={"Data": datasets, "Trainings": jobs, "Models": models},
            first_use=not any(one.items or one.failure for one in sections[:3]),
            running=[(job, seconds_left(job)) for job in jobs.items if job.live],
            failed=failed(jobs.items),
            used=used_up(usage),
            alerts=urgent(alerts.items),
            more_alerts=alerts.count - len(alerts.items),
            alerts_unknown=bool(alerts.failure),
            alerts_of=by_model(alerts.items),
            changed=last_changed(datasets.items, jobs.items, models.items),
            samples=samples(self._examples),
        )

    def failed(self) -> Reply:
        """Tell which models' calls failed or were refused in a day; asked beside the page."""
        since = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=HOURS)).isoformat(timespec="seconds")
        fetches = [partial(self._lines, since, status) for status in ("5xx", "4xx")]
        failed, refused = at_once(fetches)
        return make_response(
            render_template(
                "home/failed.html",
                found=failed_calls(failed.items, refused.items)[:SHOWN],
                more=bool(failed.next or refused.next),
                away=failed.failure or refused.failure,
            )
        )

    def _lines(self, since: str, status: str) -> Section[Line]:
        search = (("function", "prediction"), ("status", status), ("from", since))
        return Section(lambda: self._functions.activity.page(MOST_LINES, None, search))

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
    blueprint.add_url_rule("/failed-calls", "failed", handlers.failed)
    return blueprint
