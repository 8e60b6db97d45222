"""What this function reads of the model registry (`kit.contract.models.registration`)."""

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import MODELS
from functions.kit.contract.telemetry.hourly import microseconds
from functions.monitoring.model.logged import Life


class Registry:
    """The Models that are documents."""

    @translated()
    def life(self, model: Place) -> Life | None:
        """See Models."""
        place = firestore.client().collection(path(model.workspace, MODELS)).document(model.name)
        found = place.get(**firestore.PATIENCE)
        if not found.exists:
            return None
        known = registration.read_model(firestore.plain(found.to_dict()))
        return Life(known.uid, microseconds(known.created_at))
