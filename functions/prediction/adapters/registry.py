"""What prediction reads of the model registry (`kit.contract.models.registration`)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.errors import not_found
from functions.kit.contract.models import registration
from functions.kit.contract.models.registration import Model, Version
from functions.prediction.service.ports import LOOK_BACK, Found, Reference, Target

# Shorter than elsewhere: who waits here is a caller who wants a prediction.
PATIENCE = firestore.Patience(3.0)


class Registry:
    """The Registry whose models are documents."""

    @translated()
    def models(self, workspace: str) -> list[Model]:
        """See ports.Registry."""
        query = _models(workspace).order_by("name")
        return [
            registration.read_model(firestore.plain(one.to_dict()))
            for one in query.stream(**PATIENCE)
        ]

    @translated()
    def changed(self, workspace: str) -> set[str]:
        """See ports.Registry."""
        since = dt.datetime.now(dt.UTC) - LOOK_BACK
        return {
            found.id
            for collection in (registration.MODELS, registration.DELETED)
            for found in firestore.client()
            .collection(path(workspace, collection))
            .where(filter=google_firestore.FieldFilter("updated_at", ">=", since))
            .select(["updated_at"])
            .stream(**PATIENCE)
        }

    @translated()
    def versions(self, model: Place) -> list[int]:
        """See ports.Registry."""
        return _known(model).versions

    @translated()
    def find(self, model: Place, reference: Reference) -> Found:
        """See ports.Registry."""
        known = _known(model)
        if isinstance(reference, int):
            if not known.has(reference):
                raise not_found("version", str(reference), of=model.name)
            return Found(Target(model, known.uid, reference))
        if reference not in known.aliases:
            raise not_found("alias", reference, of=model.name)
        target = Target(model, known.uid, known.aliases[reference])
        return Found(target, known.traffic.get(reference))

    @translated()
    def version(self, target: Target) -> Version:
        """See ports.Registry."""
        found = _version(target).get(**PATIENCE)
        if not found.exists:
            raise not_found("version", str(target.version), of=target.model.name)
        return registration.read_version(firestore.plain(found.to_dict()))

    @translated()
    def some_versions(self, targets: Sequence[Target]) -> dict[Target, Version]:
        """See ports.Registry."""
        places = {_version(one).path: one for one in targets}
        found = firestore.client().get_all([_version(one) for one in targets], **PATIENCE)
        return {
            places[one.reference.path]: registration.read_version(firestore.plain(one.to_dict()))
            for one in found
            if one.exists
        }


def _known(model: Place) -> Model:
    found = _model(model).get(**PATIENCE)
    if not found.exists:
        raise not_found("model", model.name)
    return registration.read_model(firestore.plain(found.to_dict()))


def _models(workspace: str) -> Any:
    return firestore.client().collection(path(workspace, registration.MODELS))


def _model(place: Place) -> Any:
    return _models(place.workspace).document(place.name)


def _version(target: Target) -> Any:
    return _model(target.model).collection(registration.VERSIONS).document(str(target.version))
