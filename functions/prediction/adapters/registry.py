"""What prediction reads of the model registry (`kit.contract.registration`)."""

from typing import Any

import msgspec

from functions.kit.adapters import firestore
from functions.kit.contract import registration
from functions.kit.contract.errors import not_found
from functions.kit.contract.registration import Model, Version

# Shorter than elsewhere: who waits here is a caller who wants a prediction.
PATIENCE = firestore.patience(3.0)

# An alias, or a version's number.
Reference = str | int


class Target(msgspec.Struct, frozen=True):
    """A version that a reference leads to; `uid` tells models of one name apart."""

    model: str
    uid: str
    version: int


class Registry:
    """Models and versions, read from Firestore."""

    def names(self) -> list[tuple[str, list[int]]]:
        """Return each model with its versions' numbers."""
        query = firestore.client().collection(registration.MODELS).order_by("name")
        models = [
            registration.read_model(firestore.plain(one.to_dict()))
            for one in query.stream(**PATIENCE)
        ]
        return [(one.name, _numbers(one)) for one in models]

    def versions(self, model: str) -> list[int]:
        """Return the numbers of a model's versions; raises NotFound."""
        return _numbers(_known(model))

    def find(self, model: str, reference: Reference) -> Target:
        """Return where `reference` of `model` leads now; raises NotFound."""
        known = _known(model)
        if isinstance(reference, int):
            if not known.has(reference):
                raise not_found("version", str(reference), of=model)
            return Target(model, known.uid, reference)
        if reference not in known.aliases:
            raise not_found("alias", reference, of=model)
        return Target(model, known.uid, known.aliases[reference])

    def version(self, target: Target) -> Version:
        """Return what the registry says of a version; raises NotFound."""
        place = _model(target.model).collection(registration.VERSIONS).document(str(target.version))
        found = place.get(**PATIENCE)
        if not found.exists:
            raise not_found("version", str(target.version), of=target.model)
        return registration.read_version(firestore.plain(found.to_dict()))


def _known(model: str) -> Model:
    found = _model(model).get(**PATIENCE)
    if not found.exists:
        raise not_found("model", model)
    return registration.read_model(firestore.plain(found.to_dict()))


def _numbers(model: Model) -> list[int]:
    return [number for number in range(1, model.latest + 1) if model.has(number)]


def _model(name: str) -> Any:
    return firestore.client().collection(registration.MODELS).document(name)
