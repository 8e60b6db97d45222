"""Where in Firestore a workspace's datasets are, and what belongs to them."""

from typing import Any

from functions.kit.adapters.stores.firestore import client
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.names import is_name

DATASETS = "datasets"
RECORDS = "records"
SNAPSHOTS = "snapshots"
CHANGES = "changes"
IMPORTS = "imports"
REQUESTS = "requests"
"""Below a dataset: which record each request with an Idempotency-Key made."""
UPLOADS = "dataset_requests"
"""Beside the datasets: which dataset each upload with an Idempotency-Key made."""


def datasets_reference(workspace: str) -> Any:
    """Return the collection of a workspace's datasets."""
    return client().collection(path(workspace, DATASETS))


def dataset_reference(place: Place) -> Any:
    """Return where a dataset's document is; raises NotFound for what cannot be an id."""
    if not is_name(place.name):
        raise not_found("dataset", place.name)
    return datasets_reference(place.workspace).document(place.name)


def records_reference(place: Place) -> Any:
    """Return the collection of a dataset's records."""
    return dataset_reference(place).collection(RECORDS)


def record_reference(place: Place, record_id: str) -> Any:
    """Return where a record's document is; raises NotFound for what cannot be an id."""
    if not is_name(record_id):
        raise not_found("record", record_id)
    return records_reference(place).document(record_id)


def uploads_reference(workspace: str) -> Any:
    """Return the collection of notes of a workspace's uploads."""
    return client().collection(path(workspace, UPLOADS))
