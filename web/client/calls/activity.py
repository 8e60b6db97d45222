"""Calls to the function `accounts` for what was asked of all functions."""

from web.client.account_schemas import Line
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint


class Activity:
    """The log of requests, as far as the reader may see it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(
        self, limit: int, cursor: str | None = None, search: tuple[tuple[str, str], ...] = ()
    ) -> Page[Line]:
        """Return one page, newest first; `search` are query parameters."""
        return self._endpoint.page(Line, "/activity", limit, cursor, *search)
