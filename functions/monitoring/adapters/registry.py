"""What this function reads of the model registry (`kit.contract.registration`)."""

from functions.kit.adapters import firestore
from functions.kit.adapters.client_errors import translated
from functions.kit.contract import registration
from functions.kit.contract.hourly import microseconds
from functions.kit.contract.registration import MODELS
from functions.kit.contract.workspaces import Place, path
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
