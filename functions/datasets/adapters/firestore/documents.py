"""What documents of datasets and of records in Firestore hold."""

import datetime as dt
from typing import Any

import msgspec

from functions.datasets.model.cells import Value, render
from functions.datasets.model.dataset import Record, Stored
from functions.datasets.model.made import Made
from functions.kit.adapters.stores.firestore import plain


def to_stored(snapshot: Any, workspace: str) -> Stored:
    """Read a dataset's document, which is in a workspace."""
    fields = plain(snapshot.to_dict()) | {"id": snapshot.id, "workspace": workspace}
    return msgspec.convert(fields, Stored)


def to_made(snapshot: Any) -> Made | None:
    """Read a note of what a request made; None where there is none."""
    return msgspec.convert(snapshot.to_dict(), Made) if snapshot.exists else None


def to_record(snapshot: Any) -> Record:
    """Read a record's document."""
    fields = plain(snapshot.to_dict())
    return Record(snapshot.id, fields["version"], fields["values"])


def as_kept(value: Value) -> Value:
    """Return a value as Firestore keeps it: it has no days, so they are ISO text."""
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return render(value) if is_day else value
