"""The first page: what there is and what to do next."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from flask import Blueprint

from web.functions import FunctionError, Functions
from web.htmx import Reply, page
from web.samples import samples

T = TypeVar("T")


class Shelf(Generic[T]):
    """A list that may be out of reach: one function that is away must not take the page along."""

    def __init__(self, fetch: Callable[[], list[T]]) -> None:
        self.items: list[T] = []
        self.failure = ""
        try:
            self.items = fetch()
        except FunctionError as error:
            self.failure = error.detail


class HomePages:
    """Handlers of the first page."""

    def __init__(self, functions: Functions, examples: Path) -> None:
        self._functions = functions
        self._examples = examples

    def show(self) -> Reply:
        """Show data sets, running jobs and models; on first use, the way in."""
        datasets = Shelf(self._functions.datasets.all)
        jobs = Shelf(self._functions.training.all)
        models = Shelf(self._functions.models.all)
        first_use = not (datasets.items or models.items or datasets.failure)
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
