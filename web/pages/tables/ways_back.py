"""The way back from a change, as a toast offers it."""

from flask import url_for

from web.client.table_schemas import Change
from web.http.toasts import Undo


def undo_of(dataset: str, change: Change) -> Undo | None:
    """Return the way back from a change; None where nothing was changed, or it goes on."""
    if change.state != "done" or not change.records:
        return None
    return Undo(url_for("history.undo", dataset=dataset, revision=change.revision))
