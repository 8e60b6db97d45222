"""What this function reads of the model registry (`kit.contract.models.registration`)."""

from typing import Any

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.errors import not_found
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import MODELS, VERSIONS, Model, Version


class Registry:
    """The Registry whose models are documents."""

    @translated()
    def model(self, place: Place) -> Model:
        """See Registry."""
        found = _document(place).get(**firestore.PATIENCE)
        if not found.exists:
            raise not_found("model", place.name)
        return registration.read_model(firestore.plain(found.to_dict()))

    @translated()
    def version(self, place: Place, number: int) -> Version:
        """See Registry."""
        versions = _document(place).collection(VERSIONS)
        found = versions.document(str(number)).get(**firestore.PATIENCE)
        if not found.exists:
            raise not_found("version", str(number), of=place.name)
        return registration.read_version(firestore.plain(found.to_dict()))


def _document(place: Place) -> Any:
    return firestore.client().collection(path(place.workspace, MODELS)).document(place.name)
