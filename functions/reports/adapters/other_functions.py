"""The functions that reports call, and the registry's documents."""

from typing import TypeVar
from urllib.parse import quote

import structlog

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError, NotFound
from functions.kit.contract.records.profile import Profile
from functions.reports.model import windows
from functions.reports.model.facts import Dataset
from functions.reports.model.jobs import Job
from functions.reports.model.windows import Answer, Window
from functions.reports.service.ports import Snapshot

log = structlog.get_logger()

T = TypeVar("T")
SPANS = (("day", 120), ("hour", 7 * 24))
"""Which windows are asked for, and how many: the newest; the next where there are too few."""
FEWEST = 4


class HttpFunctions:
    """The OtherFunctions that the gateway leads to."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def dataset(self, place: Place) -> Dataset:
        """See OtherFunctions."""
        return self._get("datasets", place, f"/datasets/{place.name}", Dataset)

    def profile(self, place: Place, target: str | None) -> Profile:
        """See OtherFunctions."""
        query = "" if target is None else f"?target={quote(target, safe='')}"
        return self._get("datasets", place, f"/datasets/{place.name}/profile{query}", Profile)

    def snapshot(self, place: Place) -> Snapshot:
        """See OtherFunctions."""
        path = f"/datasets/{place.name}/snapshots"
        return self._calls.call("datasets", "POST", path, Snapshot, workspace=place.workspace)

    def job(self, place: Place) -> Job | None:
        """See OtherFunctions."""
        try:
            return self._get("training", place, f"/jobs/{place.name}", Job)
        except NotFound:
            return None

    def windows(self, model: Place, version: int) -> list[Window] | None:
        """See OtherFunctions."""
        found: list[Window] = []
        try:
            for span, last in SPANS:
                query = f"?version={version}&span={span}&last={last}"
                path = f"/models/{model.name}/windows{query}"
                answer = self._get("monitoring", model, path, Answer)
                found = windows.of_version(answer, version) or found
                if len(found) >= FEWEST:
                    break
        except NotFound:
            return found
        except DomainError as error:  # a report is made all the same, and says so
            log.warning("no windows", model=model.name, error=error.detail)
            return None
        return found

    def _get(self, function: str, place: Place, path: str, kind: type[T]) -> T:
        return self._calls.call(function, "GET", path, kind, workspace=place.workspace)
