"""The functions that batches call."""

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.access.workspaces import Place
from functions.prediction.service.batches.ports import Dataset, Snapshot


class HttpFunctions:
    """The OtherFunctions that the gateway leads to."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def dataset(self, place: Place) -> Dataset:
        """See OtherFunctions."""
        path = f"/datasets/{place.name}"
        return self._calls.call("datasets", "GET", path, Dataset, workspace=place.workspace)

    def snapshot(self, place: Place) -> Snapshot:
        """See OtherFunctions."""
        path = f"/datasets/{place.name}/snapshots"
        return self._calls.call("datasets", "POST", path, Snapshot, workspace=place.workspace)
