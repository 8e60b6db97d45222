"""What prediction reads of the model registry (`kit.contract.registration`)."""

import datetime as dt
from typing import Any

from functions.kit.adapters import firestore
from functions.kit.adapters.client_errors import translated
from functions.kit.adapters.google_clients import firestore as google_firestore
from functions.kit.contract import registration
from functions.kit.contract.errors import not_found
from functions.kit.contract.registration import Model, Version
from functions.kit.contract.workspaces import Place, path
from functions.prediction.service.ports import LOOK_BACK, Found, Reference, Target

# Shorter than elsewhere: who waits here is a caller who wants a prediction.
PATIENCE = firestore.Patience(3.0)


class Registry:
    """The Registry whose models are documents."""

    @translated()
    def names(self, workspace: str) -> list[tuple[str, list[int]]]:
        """See ports.Registry."""
        query = _models(workspace).order_by("name")
        models = [
            registration.read_model(firestore.plain(one.to_dict()))
            for one in query.stream(**PATIENCE)
        ]
        return [(one.name, _numbers(one)) for one in models]

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
        return _numbers(_known(model))

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
        place = _model(target.model).collection(registration.VERSIONS).document(str(target.version))
        found = place.get(**PATIENCE)
        if not found.exists:
            raise not_found("version", str(target.version), of=target.model.name)
        return registration.read_version(firestore.plain(found.to_dict()))


def _known(model: Place) -> Model:
    found = _model(model).get(**PATIENCE)
    if not found.exists:
        raise not_found("model", model.name)
    return registration.read_model(firestore.plain(found.to_dict()))


def _numbers(model: Model) -> list[int]:
    return [number for number in range(1, model.latest + 1) if model.has(number)]


def _models(workspace: str) -> Any:
    return firestore.client().collection(path(workspace, registration.MODELS))


def _model(place: Place) -> Any:
    return _models(place.workspace).document(place.name)
