"""The first page: what there is and what to do next."""

import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Generic, TypeVar

from flask import Blueprint

from web.client.errors import Failure
from web.client.functions import Functions
from web.client.schemas import Job, Model, Page
from web.client.table_schemas import Dataset
from web.http.htmx import Reply, render
from web.pages.tables.samples import samples

T = TypeVar("T")

CARDS = 12
# Trainings that run are among the newest.
NEWEST = 50


class Section(Generic[T]):
    """The first of a list, which may be out of reach: one function must not take the page along.

    Attributes:
        more: the list goes on.
        failure: why there is none.
    """

    def __init__(self, fetch: Callable[[int], Page[T]], limit: int) -> None:
        self.items: list[T] = []
        self.more = False
        self.failure = ""
        try:
            found = fetch(limit)
            self.items, self.more = found.items, found.next is not None
        except Failure as error:
            self.failure = error.detail


class HomePages:
    """Handlers of the first page."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def show(self) -> Reply:
        """Show data sets, running jobs and models; on first use, the way in."""
        datasets, jobs, models = sections = self._sections()
        first_use = not any(section.items or section.failure for section in sections)
        return render(
            "home/show.html",
            datasets=datasets,
            jobs=jobs,
            models=models,
            missing={"Data": datasets, "Trainings": jobs, "Models": models},
            first_use=first_use,
            samples=samples(self._examples),
        )

    def _sections(self) -> tuple[Section[Dataset], Section[Job], Section[Model]]:
        """Ask for the three lists at once: the page waits for the slowest, not for their sum."""
        with ThreadPoolExecutor(3) as pool:
            datasets = _begin(pool, self._functions.datasets.page, CARDS)
            jobs = _begin(pool, self._functions.training.page, NEWEST)
            models = _begin(pool, self._functions.models.page, CARDS)
        return datasets.result(), jobs.result(), models.result()


def _begin(
    pool: ThreadPoolExecutor, fetch: Callable[[int], Page[T]], limit: int
) -> Future[Section[T]]:
    """Fetch a section in a thread, within the time of this request."""
    context = contextvars.copy_context()

    def work() -> Section[T]:
        return Section(fetch, limit)

    return pool.submit(context.run, work)


def pages(functions: Functions, examples: Path) -> Blueprint:
    """Return the blueprint."""
    handlers = HomePages(functions, examples)
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", "show", handlers.show)
    return blueprint
