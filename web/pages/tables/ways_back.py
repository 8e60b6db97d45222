"""The way back from a change, as a toast offers it."""

from flask import url_for

from web.client.table_schemas import Change
from web.forms.repeats import FIELD, new_key
from web.http.toasts import Undo


def undo_of(dataset: str, change: Change) -> Undo | None:
    """Return the way back from a change; None where nothing was changed, or it goes on.

    It has a key, so that a button that is pressed twice takes back once.
    """
    if change.state != "done" or not change.records:
        return None
    place = url_for("history.undo", dataset=dataset, revision=change.revision)
    return Undo(place, {FIELD: new_key()})
