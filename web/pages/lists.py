"""A list that has a page of its own: searched, sorted, counted, one part after the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Response, request

from web.client.schemas import Page
from web.http.htmx import render
from web.views.lists import Column, ListView, Look

T = TypeVar("T")
Params = tuple[tuple[str, str], ...]
Fetch = Callable[[int, str | None, Params], Page[T]]
"""Takes a limit, a cursor, and what else the function is asked for; gives one page of a list."""

PAGE_SIZE = 50


def list_view(
    name: str,
    fetch: Fetch[T],
    columns: Sequence[Column],
    kept: Mapping[str, str] | None = None,
) -> ListView[T]:
    """Return the part of a list that the address asks for.

    Args:
        name: of the list.
        fetch: takes a limit, a cursor, and what else the function is asked for.
        columns: of the list.
        kept: parameters of the address that stay on the way through it.
    """
    look = Look.of(request.args)
    page = fetch(PAGE_SIZE, look.cursor, look.params)
    return ListView(name, page, look, columns, kept or {})


def list_page(
    template: str, fetch: Fetch[T], columns: Sequence[Column], **context: Any
) -> Response:
    """Render the part of a list that the address asks for; the template knows it as `list`.

    Args:
        template: with the list in its block `list`.
        fetch: takes a limit, a cursor, and what else the function is asked for.
        columns: of the list.
        context: what else the template needs.
    """
    name = template.partition("/")[0]
    return render(template, "list", list=list_view(name, fetch, columns), **context)
