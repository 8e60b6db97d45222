"""The functions that training calls."""

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.registration import Registration
from functions.training.service.ports import Dataset, Model, Registered, Snapshot


class HttpFunctions:
    """The OtherFunctions that the gateway leads to."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def dataset(self, dataset_id: str) -> Dataset:
        """See OtherFunctions."""
        return self._calls.call("datasets", "GET", f"/datasets/{dataset_id}", Dataset)

    def snapshot(self, dataset_id: str) -> Snapshot:
        """See OtherFunctions."""
        return self._calls.call("datasets", "POST", f"/datasets/{dataset_id}/snapshots", Snapshot)

    def model(self, name: str) -> Model:
        """See OtherFunctions."""
        return self._calls.call("models", "GET", f"/models/{name}", Model)

    def register(self, model: str, registration: Registration) -> Registered:
        """See OtherFunctions."""
        path = f"/models/{model}/versions"
        return self._calls.call("models", "POST", path, Registered, registration)
