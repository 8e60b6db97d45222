"""A list that has a page of its own: one part after the other, by the API's cursor."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, request

from web.client.schemas import Page
from web.http.htmx import render

T = TypeVar("T")

PAGE_SIZE = 50


def list_page(template: str, fetch: Callable[[int, str | None], Page[T]]) -> Response:
    """Render the part of a list that the address asks for; the template knows it as `page`.

    Args:
        template: with the list in its block `list`.
        fetch: takes a limit and a cursor.
    """
    cursor = request.args.get("cursor")
    return render(template, "list", page=fetch(PAGE_SIZE, cursor), cursor=cursor)
