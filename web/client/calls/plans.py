"""Calls to the function `accounts` for plans and what is used of them."""

from typing import Any

from web.client.account_schemas import Plan, Usage
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, path


class Plans:
    """What accounts may ask for."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None) -> Page[Plan]:
        """Return one page of the plans."""
        return self._endpoint.page(Plan, "/plans", limit, cursor)

    def usage(self) -> Usage:
        """Return what the reader's account has used of its plan."""
        return self._endpoint.call(Usage, "GET", "/usage")

    def put(self, name: str, bounds: dict[str, int | None]) -> None:
        """Make a plan, or change its bounds."""
        self._endpoint.call(Any, "PUT", path("plans", name), json=bounds)

    def delete(self, name: str) -> None:
        """Delete a plan; raises Conflict while an account has it."""
        self._endpoint.call(Any, "DELETE", path("plans", name))
