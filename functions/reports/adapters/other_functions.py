"""The functions that reports call, and the registry's documents."""

from typing import Any, TypeVar
from urllib.parse import quote

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.records.profile import Profile
from functions.reports.model import windows
from functions.reports.model.facts import Dataset
from functions.reports.model.jobs import Job
from functions.reports.model.windows import Window
from functions.reports.service.ports import Snapshot

T = TypeVar("T")
MOST_WINDOWS = 200
"""Windows that a report shows: the newest."""
SPAN = "day"


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

    def windows(self, model: Place, version: int) -> list[Window]:
        """See OtherFunctions."""
        query = f"?version={version}&span={SPAN}&last={MOST_WINDOWS}"
        try:
            found: Any = self._get("monitoring", model, f"/models/{model.name}/windows{query}", Any)
        except NotFound:
            return []
        return windows.of_version(found, version)

    def _get(self, function: str, place: Place, path: str, kind: type[T]) -> T:
        return self._calls.call(function, "GET", path, kind, workspace=place.workspace)
