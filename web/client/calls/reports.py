"""Calls to the function `reports`."""

from contextlib import AbstractContextManager
from typing import Any

import httpx

from web.client.report_schemas import Report
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, Look, once, path
from web.client.transport.time_limits import LONG


class Reports:
    """Reports: each is a notebook that was carried out, and the same as PDF and as a page."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Report]:
        """Return one page of the reports, newest first; `look` may say of what."""
        return self._endpoint.page(Report, "/reports", limit, cursor, *look)

    def get(self, report: str) -> Report:
        """Return one report."""
        return self._endpoint.call(Report, "GET", path("reports", report))

    def make(self, wanted: dict[str, Any], repeat: str) -> Report:
        """Have one made: `dataset`, or `model` and `version`, and what else the API takes.

        A call with the same `repeat` is the same report.
        """
        return self._endpoint.call(
            Report, "POST", "/reports", json=wanted, headers=once(repeat), timeout=LONG
        )

    def remove(self, report: str) -> None:
        """Remove one with its files."""
        self._endpoint.call(Any, "DELETE", path("reports", report))

    def file(self, report: str, name: str) -> AbstractContextManager[httpx.Response]:
        """Open a file of one, by what it is called there."""
        return self._endpoint.open("GET", path("reports", report, name), timeout=LONG)
