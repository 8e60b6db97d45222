"""The log of changes in Firestore: a document for each part, below the dataset.

What is looked for is in fields of its own: the change's revision in `head` of its part 0 alone, so
that a list of changes has one entry for each; the ids of its records; the last row of an import.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from functions.datasets.adapters.firestore.places import CHANGES, dataset_reference
from functions.datasets.model.changing import changes
from functions.datasets.model.changing.changes import (
    LoggedChange,
    Part,
    SchemaState,
    Touched,
    part_id,
)
from functions.datasets.model.dataset import record_id
from functions.kit.adapters.stores.firestore import PATIENCE, plain
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place

# Parts that one query reads: each may hold 800 kB.
PAGE = 20
# The same without the edits.
HEADS = 300
_TOUCHED = ("revision", "part", "undoes", "ids", "first", "last")
_HEAD = [*LoggedChange.__struct_fields__]
_schema = msgspec.json.Decoder(tuple[SchemaState, SchemaState])


def to_fields(part: Part) -> dict[str, Any]:
    """Return the fields of a part's document."""
    # By name rather than by msgspec: its times would become texts.
    fields = {name: getattr(part.change, name) for name in _HEAD}
    fields["part"] = part.number
    if part.number == 0:
        fields["head"] = part.change.revision
    if part.edits:
        fields["ids"] = [edit.id for edit in part.edits]
        fields["edits"] = changes.encoded(part.edits)
    if part.rows is not None:
        fields["first"], fields["last"] = part.rows
    if part.schema is not None:
        fields["schema"] = msgspec.json.encode(part.schema)
    return fields


def _part(snapshot: Any) -> Part:
    fields = snapshot.to_dict()
    return Part(
        change=_change(snapshot),
        number=fields["part"],
        edits=changes.decoded(fields["edits"]) if "edits" in fields else [],
        rows=(fields["first"], fields["last"]) if "first" in fields else None,
        schema=_schema.decode(fields["schema"]) if "schema" in fields else None,
    )


def _change(snapshot: Any) -> LoggedChange:
    fields = plain(snapshot.to_dict())
    return LoggedChange(**{name: fields[name] for name in _HEAD})


def _touched(snapshot: Any) -> Touched:
    fields = snapshot.to_dict()
    rows = (fields["first"], fields["last"]) if "first" in fields else None
    ids = fields.get("ids", [])
    return Touched(fields["revision"], fields["part"], fields["undoes"], ids, rows)


def changes_reference(place: Place) -> Any:
    """Return the collection of a dataset's log."""
    return dataset_reference(place).collection(CHANGES)


class ChangeLog:
    """The ChangeLog whose parts are documents."""

    def parts(self, place: Place, after: int, upto: int) -> Iterator[Part]:
        """See ChangeLog."""
        return map(_part, self._read(changes_reference(place), after, upto, PAGE))

    def touched(self, place: Place, after: int, upto: int) -> Iterator[Touched]:
        """See ChangeLog."""
        return map(_touched, self._read(changes_reference(place), after, upto, HEADS, _TOUCHED))

    def _read(
        self, collection: Any, after: int, upto: int, page: int, fields: Sequence[str] = ()
    ) -> Iterator[Any]:
        query = collection.order_by("__name__").limit(page)
        query = query.select(fields) if fields else query
        query = query.end_before({"__name__": collection.document(part_id(upto + 1))})
        following = query.start_at({"__name__": collection.document(part_id(after + 1))})
        while True:
            found = list(following.stream(**PATIENCE))
            yield from found
            if len(found) < page:
                return
            following = query.start_after({"__name__": found[-1].reference})

    def change(self, place: Place, revision: int) -> LoggedChange | None:
        """See ChangeLog."""
        found = changes_reference(place).document(part_id(revision)).get(_HEAD, **PATIENCE)
        return _change(found) if found.exists else None

    def page(self, place: Place, limit: int, before: int | None) -> list[LoggedChange]:
        """See ChangeLog; one field's own index serves it."""
        query = changes_reference(place).order_by("head", direction="DESCENDING").select(_HEAD)
        if before is not None:
            query = query.start_after({"head": before})
        return [_change(found) for found in query.limit(limit).stream(**PATIENCE)]

    def of_record(self, place: Place, record: str) -> list[str]:
        """See ChangeLog."""
        collection = changes_reference(place)
        named = google_firestore.FieldFilter("ids", "array_contains", record)
        found = collection.where(filter=named).select(["__name__"])
        return sorted([one.id for one in found.stream(**PATIENCE)] + self._made(place, record))

    def _made(self, place: Place, record: str) -> list[str]:
        """Return the part of the import that made a record, if one did."""
        if not record.isdecimal():
            return []
        up_to_it = google_firestore.FieldFilter("last", ">=", int(record))
        query = changes_reference(place).where(filter=up_to_it).select(["first", "last"])
        return [
            found.id
            for found in query.stream(**PATIENCE)
            if record_id(found.get("first")) <= record <= record_id(found.get("last"))
        ]

    def part(self, place: Place, part: str) -> Part:
        """See ChangeLog."""
        return _part(changes_reference(place).document(part).get(**PATIENCE))
