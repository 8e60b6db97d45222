"""Models in Firestore: every change is one transaction over the model's document."""

import datetime as dt
from functools import partial
from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.models import registration as registry
from functions.kit.contract.models.registration import Model, Registration, Version
from functions.models.adapters.documents import (
    ASIDE,
    PATHS,
    SERVING,
    TRAFFIC,
    aside_reference,
    gone_reference,
    model_reference,
    models_reference,
    move,
    new_version,
    newest_first,
    newest_of,
    paths_of,
    read_in,
    read_model,
    read_sums,
    read_version,
    remove,
    sums_document,
    sums_reference,
    values_of,
    version_reference,
    version_with,
    write,
    write_line,
)
from functions.models.model import version_lists
from functions.models.model.aliases import Change
from functions.models.model.counting import Sums
from functions.models.model.version_lists import VersionSummary
from functions.models.service.ports import Count, Decide, Edit, KeptAside, Start

# What lies beneath a model beside its versions, and a field that each document there has.
_BESIDE = ((registry.CHANGES, "revision"), (TRAFFIC, "traffic"), (SERVING, "version"))
SOME = 20  # models that are looked after at one go


class Store:
    """The ModelStore whose models are documents."""

    def model(self, place: Place) -> Model:
        """See ModelStore."""
        return read_model(place, model_reference(place).get(**PATIENCE))

    def models(self, workspace: str, limit: int, after: str | None) -> list[Model]:
        """See ModelStore."""
        query = models_reference(workspace).order_by("name").limit(limit)
        if after is not None:
            query = query.start_after({"name": after})
        return [registry.read_model(found) for found in values_of(query)]

    def version(self, place: Place, version: int) -> Version:
        """See ModelStore."""
        # What lies beneath a model that was taken away is there: both are read, at one go.
        references = [model_reference(place), version_reference(place, version)]
        found = firestore.client().get_all(references, **PATIENCE)
        documents = {one.reference.path: one for one in found}
        if not documents[references[0].path].exists:
            raise not_found("version", str(version), of=place.name)
        return read_version(place, version, documents[references[1].path])

    def versions(self, place: Place, limit: int, below: int | None) -> list[VersionSummary]:
        """See ModelStore."""
        query = model_reference(place).collection(registry.VERSIONS).select(version_lists.FIELDS)
        return [version_lists.read(found) for found in newest_first(query, "version", limit, below)]

    def file_paths(self, place: Place) -> list[str]:
        """See ModelStore."""
        below = [
            model_reference(place).collection(name).select(PATHS)
            for name in (registry.VERSIONS, ASIDE)
        ]
        found = (version for versions in below for version in versions.stream(**PATIENCE))
        return [path for version in found for path in paths_of(version)]

    def history(self, place: Place, limit: int, below: int | None) -> list[tuple[int, Change]]:
        """See ModelStore."""
        query = model_reference(place).collection(registry.CHANGES)
        found = newest_first(query, "revision", limit, below)
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
            found = read_in(transaction, model_reference(place))
            for field, value in (("request", request), ("job", registration.job)):
                known = version_with(transaction, place, field, value) if value else None
                if known is not None:
                    return known, False
            if not found.exists and read_in(transaction, gone_reference(place)).exists:
                raise KeptAside(place.name)
            model = read_model(place, found) if found.exists else None
            newest = None if model is None else newest_of(transaction, place, model)
            changed, line = start(model, newest)
            version = new_version(changed[0], line, registration)
            write(transaction, place, changed)
            document = {**registry.version_document(version), "request": request}
            transaction.create(version_reference(place, version.version), document)
            return version, True

        return firestore.transact(work)

    def change(self, place: Place, decide: Decide, gone: int | None = None) -> Model:
        """See ModelStore."""

        def work(transaction: Any) -> Model:
            model = read_model(place, read_in(transaction, model_reference(place)))
            changed = decide(model)
            document = None if gone is None else version_reference(place, gone)
            kept = document and read_in(transaction, document)
            if changed is None:
                return model
            write(transaction, place, changed)
            if kept is not None and kept.exists:
                move(
                    transaction,
                    kept,
                    aside_reference(place, kept.id),
                    deleted_at=changed[0].updated_at,
                )
            return changed[0]

        return firestore.transact(work)

    def edit(self, place: Place, version: int, edit: Edit) -> Version:
        """See ModelStore."""

        def work(transaction: Any) -> Version:
            model = read_model(place, read_in(transaction, model_reference(place)))
            document = version_reference(place, version)
            found = read_version(place, version, read_in(transaction, document))
            edited = edit(model, found)
            if edited is None:
                return found
            write(transaction, place, edited[0])
            fields = ("tags", "note", "edition")
            transaction.update(document, {name: getattr(edited[1], name) for name in fields})
            return edited[1]

        return firestore.transact(work)

    def sums(self, place: Place, alias: str) -> Sums | None:
        """See ModelStore."""
        return read_sums(sums_reference(place, alias).get(**PATIENCE))

    def count(self, place: Place, alias: str, count: Count) -> None:
        """See ModelStore."""

        def work(transaction: Any) -> None:
            document = sums_reference(place, alias)
            model = read_model(place, read_in(transaction, model_reference(place)))
            counted = count(model, read_sums(read_in(transaction, document)))
            if counted is None:
                return
            transaction.set(document, sums_document(counted[0]))
            if counted[1] is not None:
                write(transaction, place, counted[1])

        firestore.transact(work)

    def put_back(self, place: Place, version: int, decide: Decide) -> Model:
        """See ModelStore."""

        def work(transaction: Any) -> Model:
            model = read_model(place, read_in(transaction, model_reference(place)))
            changed = decide(model)
            kept = read_in(transaction, aside_reference(place, version))
            if not kept.exists:
                raise not_found("version", str(version), of=place.name)
            if changed is None:
                return model
            write(transaction, place, changed)
            move(transaction, kept, version_reference(place, version))
            return changed[0]

        return firestore.transact(work)

    def delete(self, place: Place, decide: Decide) -> None:
        """See ModelStore; what lies beneath it stays where it is."""

        def work(transaction: Any) -> None:
            model = read_in(transaction, model_reference(place))
            changed = decide(read_model(place, model))
            if changed is not None:
                write_line(transaction, place, changed)
                transaction.set(gone_reference(place), registry.model_document(changed[0]))
                transaction.delete(model_reference(place))

        firestore.transact(work)

    def restore(self, place: Place, decide: Decide) -> Model:
        """See ModelStore."""

        def work(transaction: Any) -> Model:
            if read_in(transaction, model_reference(place)).exists:
                raise Conflict(f"There is a model '{place.name}': nothing is to be restored.")
            model = read_model(place, read_in(transaction, gone_reference(place)))
            changed = decide(model)
            if changed is None:
                return model
            write(transaction, place, changed)
            transaction.delete(gone_reference(place))
            return changed[0]

        return firestore.transact(work)

    def kept_aside(self, workspace: str, before: dt.datetime | None = None) -> list[Place]:
        """See ModelStore."""
        query = (
            firestore.client()
            .collection(path(workspace, registry.DELETED))
            .select(["name"])
            .limit(SOME)
        )
        if before is not None:
            old = google_firestore.FieldFilter("updated_at", "<", before)
            query = query.where(filter=old)
        return [Place(workspace, found["name"]) for found in values_of(query)]

    def purge(self, place: Place) -> list[str]:
        """See ModelStore."""

        def work(transaction: Any) -> list[str]:
            if not read_in(transaction, gone_reference(place)).exists:
                return []
            model = model_reference(place)
            below = [model.collection(name) for name in (registry.VERSIONS, ASIDE)]
            # The paths alone: a version is large, and there may be hundreds.
            kept = [
                found
                for versions in below
                for found in versions.select(PATHS).stream(transaction=transaction, **PATIENCE)
            ]
            beside = [
                found
                for name, field in _BESIDE
                for found in model.collection(name)
                .select([field])
                .stream(transaction=transaction, **PATIENCE)
            ]
            for document in (*kept, *beside):
                transaction.delete(document.reference)
            transaction.delete(gone_reference(place))
            return [found for document in kept for found in paths_of(document)]

        return firestore.transact(work)

    def purge_versions(self, place: Place, before: dt.datetime) -> list[str]:
        """See ModelStore; one that is restored meanwhile stays."""
        old = google_firestore.FieldFilter("deleted_at", "<", before)
        query = model_reference(place).collection(ASIDE).where(filter=old).select(["version"])

        return [
            file
            for found in query.stream(**PATIENCE)
            for file in firestore.transact(partial(remove, found.reference))
        ]
