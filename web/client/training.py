"""Calls to the function `training`."""

from collections.abc import Generator
from typing import Any

import msgspec

from web.client.endpoint import Wire, path
from web.client.errors import UNREADABLE, garbled
from web.client.schemas import Algorithm, Job, Page
from web.client.time_limits import LONG

QUIET = 60.0
"""Seconds without a byte after which a stream of events is taken for dead."""


class Training:
    """Jobs: each tries candidates and registers the best."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def page(self, limit: int, cursor: str | None = None) -> Page[Job]:
        """Return one page of the jobs, newest first; without their candidates."""
        return self._wire.page(Job, "/jobs", limit, cursor)

    def algorithms(self) -> list[Algorithm]:
        """Return what a job may try."""
        return self._wire.call(Page[Algorithm], "GET", "/algorithms").items

    def get(self, job: str) -> Job:
        """Return one job."""
        return self._wire.call(Job, "GET", path("jobs", job))

    def start(self, order: dict[str, Any]) -> Job:
        """Start a job: dataset, target, and what else the API takes."""
        return self._wire.call(Job, "POST", "/jobs", json=order, timeout=LONG)

    def cancel(self, job: str) -> Job:
        """Ask a job to stop."""
        return self._wire.call(Job, "POST", path("jobs", job, "cancel"))

    def watch(self, job: str) -> Generator[Job | None, None, None]:
        """Yield the job each time that it changes, and None for each sign of life between."""
        headers = {"Accept": "text/event-stream"}
        route = path("jobs", job, "events")
        with self._wire.open("GET", route, headers=headers, timeout=QUIET) as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield _job(line.removeprefix("data:"))
                elif line.startswith(":"):
                    yield None


def _job(data: str) -> Job:
    try:
        return msgspec.json.decode(data, type=Job)
    except UNREADABLE as error:
        raise garbled("training", error) from error
