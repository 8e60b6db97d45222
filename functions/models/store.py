"""Models in Firestore: every change is one transaction over the model's document."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from functions.kit.adapters import firestore
from functions.kit.adapters.firestore import PATIENCE
from functions.kit.adapters.google_clients import firestore as google_firestore
from functions.kit.contract import registration as registry
from functions.kit.contract.errors import not_found
from functions.kit.contract.registration import Model, Registration, Version
from functions.kit.contract.workspaces import Place, path
from functions.models import version_lists
from functions.models.aliases import Change, Changed
from functions.models.ports import Decide, Start
from functions.models.version_lists import VersionSummary


class Store:
    """The ModelStore whose models are documents."""

    def model(self, place: Place) -> Model:
        """See ModelStore."""
        return _read_model(place, _model(place).get(**PATIENCE))

    def models(self, workspace: str, limit: int, after: str | None) -> list[Model]:
        """See ModelStore."""
        query = _models(workspace).order_by("name").limit(limit)
        if after is not None:
            query = query.start_after({"name": after})
        return [registry.read_model(found) for found in _values(query)]

    def version(self, place: Place, version: int) -> Version:
        """See ModelStore."""
        found = _version(place, version).get(**PATIENCE)
        if not found.exists:
            raise not_found("version", str(version), of=place.name)
        return registry.read_version(firestore.plain(found.to_dict()))

    def versions(self, place: Place, limit: int, below: int | None) -> list[VersionSummary]:
        """See ModelStore."""
        query = _model(place).collection(registry.VERSIONS).select(version_lists.FIELDS)
        return [version_lists.read(found) for found in _newest(query, "version", limit, below)]

    def file_paths(self, place: Place) -> list[str]:
        """See ModelStore."""
        found = _model(place).collection(registry.VERSIONS).select(["file.path"])
        return [version.get("file.path") for version in found.stream(**PATIENCE)]

    def history(self, place: Place, limit: int, below: int | None) -> list[tuple[int, Change]]:
        """See ModelStore."""
        query = _model(place).collection(registry.CHANGES)
        found = _newest(query, "revision", limit, below)
        return [(document.pop("revision"), msgspec.convert(document, Change)) for document in found]

    def register(
        self,
        place: Place,
        registration: Registration,
        start: Start,
        request: str | None = None,
    ) -> tuple[Version, bool]:
        """See ModelStore."""

        def work(transaction: Any) -> tuple[Version, bool]:
            found = _model(place).get(transaction=transaction, **PATIENCE)
            for field, value in (("request", request), ("job", registration.job)):
                known = _with(transaction, place, field, value) if value else None
                if known is not None:
                    return known, False
            changed = start(_read_model(place, found) if found.exists else None)
            version = _new_version(changed[0], registration)
            _write(transaction, place, changed)
            document = {**registry.version_document(version), "request": request}
            transaction.create(_version(place, version.version), document)
            return version, True

        return firestore.transact(work)

    def change(self, place: Place, decide: Decide, gone: int | None = None) -> Model:
        """See ModelStore."""

        def work(transaction: Any) -> Model:
            model = _read_model(place, _model(place).get(transaction=transaction, **PATIENCE))
            changed = decide(model)
            if changed is None:
                return model
            _write(transaction, place, changed)
            if gone is not None:
                transaction.delete(_version(place, gone))
            return changed[0]

        return firestore.transact(work)

    def delete(self, place: Place, allow: Callable[[Model], None]) -> list[str]:
        """See ModelStore."""

        def work(transaction: Any) -> list[str]:
            model = _model(place)
            allow(_read_model(place, model.get(transaction=transaction, **PATIENCE)))
            versions = model.collection(registry.VERSIONS)
            changes = model.collection(registry.CHANGES)
            # The paths alone: a version is large, and there may be hundreds.
            kept = list(versions.select(["file.path"]).stream(transaction=transaction, **PATIENCE))
            lines = list(changes.select(["revision"]).stream(transaction=transaction, **PATIENCE))
            for document in (*kept, *lines):
                transaction.delete(document.reference)
            transaction.delete(model)
            return [document.get("file.path") for document in kept]

        return firestore.transact(work)


def _models(workspace: str) -> Any:
    return firestore.client().collection(path(workspace, registry.MODELS))


def _model(place: Place) -> Any:
    return _models(place.workspace).document(place.name)


def _version(place: Place, version: int) -> Any:
    return _model(place).collection(registry.VERSIONS).document(str(version))


def _with(transaction: Any, place: Place, field: str, value: str) -> Version | None:
    """Return the version whose document has a value, or None."""
    same = google_firestore.FieldFilter(field, "==", value)
    query = _model(place).collection(registry.VERSIONS).where(filter=same).limit(1)
    found = query.stream(transaction=transaction, **PATIENCE)
    return next((registry.read_version(firestore.plain(one.to_dict())) for one in found), None)


def _read_model(place: Place, snapshot: Any) -> Model:
    if not snapshot.exists:
        raise not_found("model", place.name)
    return registry.read_model(firestore.plain(snapshot.to_dict()))


def _values(query: Any) -> list[dict[str, Any]]:
    return [firestore.plain(found.to_dict()) for found in query.stream(**PATIENCE)]


def _newest(query: Any, field: str, limit: int, below: int | None) -> list[dict[str, Any]]:
    ordered = query.order_by(field, direction=google_firestore.Query.DESCENDING).limit(limit)
    return _values(ordered if below is None else ordered.start_after({field: below}))


def _new_version(model: Model, registration: Registration) -> Version:
    told: Mapping[str, Any] = msgspec.structs.asdict(registration)
    return Version(**told, model=model.name, version=model.latest, created_at=model.updated_at)


def _write(transaction: Any, place: Place, changed: Changed) -> None:
    """Put the model as it shall be and one line of its history into `transaction`."""
    model, change = changed
    transaction.set(_model(place), registry.model_document(model))
    line = {**msgspec.to_builtins(change, builtin_types=(type(change.at),))}
    reference = _model(place).collection(registry.CHANGES).document(f"{model.revision:012d}")
    transaction.create(reference, {**line, "revision": model.revision})
