"""The functions that training calls, and its own steps in the queue."""

from typing import Protocol

import msgspec

from functions.kit.adapters.gateway_calls import Calls
from functions.kit.contract.columns import Column
from functions.kit.contract.registration import ModelFile, Registration
from functions.training.model.jobs import Job


class Dataset(msgspec.Struct):
    """What training looks at of a dataset."""

    id: str
    state: str
    rows: int
    columns: list[Column]
    failure: str | None = None


class Snapshot(msgspec.Struct):
    """The immutable Parquet file of one revision; `path` is its object name."""

    revision: int
    path: str
    columns: list[Column]


class Registered(msgspec.Struct):
    """A version as the registry keeps it."""

    version: int
    file: ModelFile


class Model(msgspec.Struct):
    """What training looks at of a model in the registry."""

    target: str = ""


class OtherFunctions(Protocol):
    """What training needs of the other functions and of the queue."""

    def dataset(self, dataset_id: str) -> Dataset:
        """Return a dataset; raises NotFound."""

    def snapshot(self, dataset_id: str) -> Snapshot:
        """Return the snapshot of the current revision, made where it is missing."""

    def model(self, name: str) -> Model:
        """Return a model of the registry; raises NotFound."""

    def register(self, model: str, registration: Registration) -> Registered:
        """Add a version to a model; the same job's again is the version that it made."""

    def queue_start(self, job: Job) -> None:
        """Queue a job's first step, durably."""

    def queue_candidate(self, job_id: str, index: int) -> None:
        """Queue a candidate's step, durably."""

    def queue_finish(self, job_id: str) -> None:
        """Queue the final step, durably."""


class HttpFunctions:
    """The other functions, behind the gateway."""

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

    def queue_start(self, job: Job) -> None:
        """See OtherFunctions."""
        self._calls.enqueue("training", f"/jobs/{job.id}/steps/start", job)

    def queue_candidate(self, job_id: str, index: int) -> None:
        """See OtherFunctions."""
        self._calls.enqueue("training", f"/jobs/{job_id}/steps/candidates/{index}")

    def queue_finish(self, job_id: str) -> None:
        """See OtherFunctions."""
        self._calls.enqueue("training", f"/jobs/{job_id}/steps/finish")
