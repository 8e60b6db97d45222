"""What this function reads of the model registry (`kit.contract.registration`)."""

from functions.kit.adapters import firestore
from functions.kit.adapters.client_errors import translated
from functions.kit.contract.registration import MODELS
from functions.kit.contract.workspaces import Place, path


class Registry:
    """The Models that are documents."""

    @translated()
    def has(self, model: Place) -> bool:
        """See Models."""
        place = firestore.client().collection(path(model.workspace, MODELS)).document(model.name)
        return bool(place.get(**firestore.PATIENCE).exists)
