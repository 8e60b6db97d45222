"""The registry's documents, as rules need them (`kit.contract.models.registration`)."""

from typing import Any

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import MODELS, VERSIONS, Model
from functions.monitoring.service.alerts.ports import Trained

HELD_OUT = "holdout"
"""Where a version's metrics have those of the rows that were held out, as training writes them."""


class RegisteredModels:
    """The Registered that are documents."""

    @translated()
    def model(self, model: Place) -> Model | None:
        """See Registered."""
        found = _reference(model).get(**firestore.PATIENCE)
        return registration.read_model(firestore.plain(found.to_dict())) if found.exists else None

    @translated()
    def version(self, model: Place, version: int) -> Trained | None:
        """See Registered."""
        place = _reference(model).collection(VERSIONS).document(str(version))
        found = place.get(**firestore.PATIENCE)
        if not found.exists:
            return None
        read = registration.read_version(firestore.plain(found.to_dict()))
        measured = read.metrics.get(HELD_OUT, {})
        return Trained(read.task, measured, read.job, read.created_at)


def _reference(model: Place) -> Any:
    return firestore.client().collection(path(model.workspace, MODELS)).document(model.name)
