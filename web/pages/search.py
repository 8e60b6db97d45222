"""Finds data, trainings, models and reports by name: as one types, or on a page of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for

from web.client.errors import Failure
from web.client.functions import Functions
from web.client.report_schemas import Report
from web.client.schemas import Job, Model, Page
from web.client.table_schemas import Dataset
from web.http.htmx import Reply, htmx, render
from web.pages.at_once import at_once
from web.views.lists import Look

AS_ONE_TYPES = 5
ON_A_PAGE = 25
Find = tuple[str, str, str]
"""A name, what it is, and where."""


@dataclass
class Kind:
    """What was found of a kind of things; or why nothing can be said."""

    label: str
    all: str
    items: list[Find] = field(default_factory=list)
    count: int = 0
    failure: str = ""


class SearchPages:
    """The handler of searches."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def show(self) -> Reply:
        """Show what has the words of the address in its name."""
        look = Look.of(request.args)
        typing = htmx().wants_fragment
        kinds = self._kinds(look, AS_ONE_TYPES if typing else ON_A_PAGE) if look.q else []
        if typing:
            return make_response(render_template("search/found.html", q=look.q, kinds=kinds))
        return render("search/show.html", q=look.q, kinds=kinds)

    def _kinds(self, look: Look, limit: int) -> list[Kind]:
        sources: list[tuple[Kind, Callable[..., Page[Any]], Callable[[Any], Find]]] = [
            (_kind("Data", "datasets", look), self._functions.datasets.page, _dataset),
            (_kind("Models", "models", look), self._functions.models.page, _model),
            (_kind("Trainings", "jobs", look), self._functions.training.page, _job),
            (_kind("Reports", "reports", look), self._functions.reports.page, _report),
        ]
        pages = at_once([partial(_page, fetch, limit, look) for _, fetch, _ in sources])
        for (kind, _, find), page in zip(sources, pages, strict=True):
            if isinstance(page, Failure):
                kind.failure = page.detail
            else:
                kind.items = [find(one) for one in page.items]
                kind.count = page.count or len(page.items)
        return [kind for kind, *_ in sources]


def _page(fetch: Callable[..., Page[Any]], limit: int, look: Look) -> Page[Any] | Failure:
    try:
        return fetch(limit, None, look.params)
    except Failure as error:  # the others are shown
        return error


def _kind(label: str, endpoint: str, look: Look) -> Kind:
    return Kind(label, url_for(f"{endpoint}.index", q=look.q))


def _dataset(one: Dataset) -> Find:
    return one.name, f"{one.rows:,} rows", url_for("datasets.show", dataset=one.id)


def _model(one: Model) -> Find:
    return one.name, f"version {one.latest}", url_for("models.show", model=one.name)


def _job(one: Job) -> Find:
    return f"{one.target} of {one.dataset}", one.state, url_for("jobs.show", job=one.id)


def _report(one: Report) -> Find:
    return one.name, one.state, url_for("reports.show", report=one.id)


def pages(functions: Functions) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("search", __name__)
    blueprint.add_url_rule("/search", "show", SearchPages(functions).show)
    return blueprint
