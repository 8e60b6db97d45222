"""Calls to the function `training`."""

from collections.abc import Generator
from typing import Any

import msgspec

from web.client.plan_schemas import JobPlan
from web.client.schemas import Algorithm, Job, Page
from web.client.transport.endpoint import Endpoint, Look, once, path
from web.client.transport.failures import DECODE_ERRORS, unreadable_answer
from web.client.transport.time_limits import LONG

QUIET = 60.0
"""Seconds without a byte after which a stream of events is taken for dead."""


class Training:
    """Jobs: each tries candidates and registers the best."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Job]:
        """Return one page of the jobs, newest first; without their candidates."""
        return self._endpoint.page(Job, "/jobs", limit, cursor, *look)

    def algorithms(self) -> list[Algorithm]:
        """Return what a job may try."""
        return self._endpoint.call(Page[Algorithm], "GET", "/algorithms").items

    def get(self, job: str) -> Job:
        """Return one job."""
        return self._endpoint.call(Job, "GET", path("jobs", job))

    def plan(self, request: dict[str, Any]) -> JobPlan:
        """Return what a job would do, given what `start` takes; none is made."""
        return self._endpoint.call(
            JobPlan, "POST", "/jobs/plan", json=request, timeout=LONG, repeatable=True
        )

    def start(self, request: dict[str, Any], repeat: str) -> Job:
        """Start a job: dataset, target, and what else the API takes.

        A call with the same `repeat` is the same job.
        """
        return self._endpoint.call(
            Job, "POST", "/jobs", json=request, headers=once(repeat), timeout=LONG
        )

    def again(self, job: str, repeat: str) -> Job:
        """Train as a job did, on the newest revision of its dataset.

        A call with the same `repeat` is the same job.
        """
        route = path("jobs", job, "again")
        return self._endpoint.call(Job, "POST", route, headers=once(repeat), timeout=LONG)

    def remove(self, job: str) -> None:
        """Remove a job that has ended; the model that it made stays."""
        self._endpoint.call(Any, "DELETE", path("jobs", job))

    def cancel(self, job: str) -> Job:
        """Ask a job to stop."""
        return self._endpoint.call(Job, "POST", path("jobs", job, "cancel"), repeatable=True)

    def resume(self, job: str) -> Job:
        """Have a job that seems to stand still looked at now."""
        return self._endpoint.call(Job, "POST", path("jobs", job, "resume"))

    def watch(self, job: str) -> Generator[Job | None, None, None]:
        """Yield the job each time that it changes, and None for each sign of life between."""
        headers = {"Accept": "text/event-stream"}
        route = path("jobs", job, "events")
        with self._endpoint.open("GET", route, headers=headers, timeout=QUIET) as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield _job(line.removeprefix("data:"))
                elif line.startswith(":"):
                    yield None


def _job(data: str) -> Job:
    try:
        return msgspec.json.decode(data, type=Job)
    except DECODE_ERRORS as error:
        raise unreadable_answer(error, "training") from error
