"""The registry's documents in Firestore: where they are, and how they are read and written."""

from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.errors import not_found
from functions.kit.contract.models import registration as registry
from functions.kit.contract.models.registration import Model, Registration, Version
from functions.models.model.aliases import Changed
from functions.models.model.counting import Sums

ASIDE = "deleted"
"""Below a model: versions that were taken away and can be had back."""
TRAFFIC = "traffic"
"""Below a model: what was counted of an alias's traffic, by alias."""
SERVING = "serving"
"""Below a model: what replicas told of a version, by version."""
PATHS = [f"{name}.path" for name in registry.FILES]


def models_reference(workspace: str) -> Any:
    """Return the collection of a workspace's models."""
    return firestore.client().collection(path(workspace, registry.MODELS))


def model_reference(place: Place) -> Any:
    """Return where a model's document is."""
    return models_reference(place.workspace).document(place.name)


def gone_reference(place: Place) -> Any:
    """Return where a model is kept that was taken away; what lies beneath stays where it was."""
    return (
        firestore.client().collection(path(place.workspace, registry.DELETED)).document(place.name)
    )


def version_reference(place: Place, version: int) -> Any:
    """Return where a version's document is."""
    return model_reference(place).collection(registry.VERSIONS).document(str(version))


def aside_reference(place: Place, version: int | str) -> Any:
    """Return where a version is kept that was taken away."""
    return model_reference(place).collection(ASIDE).document(str(version))


def sums_reference(place: Place, alias: str) -> Any:
    """Return where what was counted of an alias's traffic is."""
    return model_reference(place).collection(TRAFFIC).document(alias)


def sums_document(sums: Sums) -> dict[str, Any]:
    """Return what Firestore stores of sums: nobody asks for what is inside, so it is one text."""
    return {"traffic": sums.traffic, "sums": msgspec.json.encode(sums).decode()}


def read_sums(snapshot: Any) -> Sums | None:
    """Read what was counted of an alias's traffic, if anything was."""
    if not snapshot.exists:
        return None
    return msgspec.json.decode(snapshot.to_dict()["sums"], type=Sums)


def read_in(transaction: Any, reference: Any) -> Any:
    """Read a document in a transaction."""
    return reference.get(transaction=transaction, **PATIENCE)


def move(transaction: Any, found: Any, to: Any, **more: Any) -> None:
    """Put what was found, and more, to another place."""
    transaction.set(to, found.to_dict() | more)
    transaction.delete(found.reference)


def paths_of(document: Any) -> list[str]:
    """Return the paths of the files of a version's document."""
    files = (document.to_dict().get(name) for name in registry.FILES)
    return [file["path"] for file in files if file]


def remove(version: Any, transaction: Any) -> list[str]:
    """Remove a version's document, if it is there; return the paths of its files."""
    found = version.get(PATHS, transaction=transaction, **PATIENCE)
    transaction.delete(version)
    return paths_of(found) if found.exists else []


def newest_of(transaction: Any, place: Place, model: Model) -> Version | None:
    """Return the newest version of a model that is there."""
    there = (number for number in range(model.latest, 0, -1) if model.has(number))
    number = next(there, None)
    if number is None:
        return None
    found = version_reference(place, number).get(transaction=transaction, **PATIENCE)
    return read_version(place, number, found)


def version_with(transaction: Any, place: Place, field: str, value: str) -> Version | None:
    """Return the version whose document has a value, or None."""
    same = google_firestore.FieldFilter(field, "==", value)
    query = model_reference(place).collection(registry.VERSIONS).where(filter=same).limit(1)
    found = query.stream(transaction=transaction, **PATIENCE)
    return next((registry.read_version(firestore.plain(one.to_dict())) for one in found), None)


def read_version(place: Place, version: int, snapshot: Any) -> Version:
    """Read a version's document; raises NotFound."""
    if not snapshot.exists:
        raise not_found("version", str(version), of=place.name)
    return registry.read_version(firestore.plain(snapshot.to_dict()))


def read_model(place: Place, snapshot: Any) -> Model:
    """Read a model's document; raises NotFound."""
    if not snapshot.exists:
        raise not_found("model", place.name)
    return registry.read_model(firestore.plain(snapshot.to_dict()))


def values_of(query: Any) -> list[dict[str, Any]]:
    """Return the documents that a query finds."""
    return [firestore.plain(found.to_dict()) for found in query.stream(**PATIENCE)]


def newest_first(query: Any, field: str, limit: int, below: int | None) -> list[dict[str, Any]]:
    """Return some documents that a query finds, those with the highest number first."""
    ordered = query.order_by(field, direction=google_firestore.Query.DESCENDING).limit(limit)
    return values_of(ordered if below is None else ordered.start_after({field: below}))


def new_version(model: Model, line: int, registration: Registration) -> Version:
    """Return the version that a registration makes of a model."""
    told = msgspec.structs.asdict(registration)
    number, now = model.latest, model.updated_at
    return Version(**told, model=model.name, version=number, line=line, created_at=now)


def write(transaction: Any, place: Place, changed: Changed) -> None:
    """Put the model as it shall be and one line of its history into `transaction`."""
    transaction.set(model_reference(place), registry.model_document(changed[0]))
    write_line(transaction, place, changed)


def write_line(transaction: Any, place: Place, changed: Changed) -> None:
    """Put one line of a model's history into `transaction`."""
    model, change = changed
    line = {**msgspec.to_builtins(change, builtin_types=(type(change.at),))}
    reference = (
        model_reference(place).collection(registry.CHANGES).document(f"{model.revision:012d}")
    )
    transaction.create(reference, {**line, "revision": model.revision})
