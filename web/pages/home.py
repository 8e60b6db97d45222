"""The first page: what there is and what to do next."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from flask import Blueprint

from web.functions import FunctionError, Functions
from web.functions.shapes import Page
from web.htmx import Reply, page
from web.samples import samples

T = TypeVar("T")

CARDS = 12
# Trainings that run are among the newest.
NEWEST = 50


class Shelf(Generic[T]):
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
        except FunctionError as error:
            self.failure = error.detail


class HomePages:
    """Handlers of the first page."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def show(self) -> Reply:
        """Show data sets, running jobs and models; on first use, the way in."""
        datasets = Shelf(self._functions.datasets.page, CARDS)
        jobs = Shelf(self._functions.training.page, NEWEST)
        models = Shelf(self._functions.models.page, CARDS)
        shelves = (datasets, models, jobs)
        first_use = not any(shelf.items or shelf.failure for shelf in shelves)
        return page(
            "home/show.html",
            datasets=datasets,
            jobs=jobs,
            models=models,
            first_use=first_use,
            samples=samples(self._examples),
        )


def pages(functions: Functions, examples: Path) -> Blueprint:
    """Return the blueprint."""
    handlers = HomePages(functions, examples)
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", "show", handlers.show)
    return blueprint
