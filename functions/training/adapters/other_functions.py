"""The functions that training calls."""

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Registration
from functions.training.service.ports import Dataset, Model, Registered, Snapshot, Version


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

    def model(self, place: Place) -> Model:
        """See OtherFunctions."""
        path = f"/models/{place.name}"
        return self._calls.call("models", "GET", path, Model, workspace=place.workspace)

    def version(self, model: Place, version: int) -> Version:
        """See OtherFunctions."""
        path = f"/models/{model.name}/versions/{version}"
        return self._calls.call("models", "GET", path, Version, workspace=model.workspace)

    def register(self, model: Place, registration: Registration) -> Registered:
        """See OtherFunctions."""
        path = f"/models/{model.name}/versions"
        return self._calls.call(
            "models", "POST", path, Registered, registration, workspace=model.workspace
        )
