"""Changes of who answers hold for the model that the question was about, and for no other state."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from web.client.errors import Stale
from web.forms.preconditions import expected_version

STALE = (
    "Model '{}' was changed after you were asked; nothing was done. Look at it again, then decide."
)


def seen_revision() -> int:
    """Return the revision of the model that the form was made from; raises Invalid."""
    return expected_version(request.form, "revision", "the model it changes")


@contextmanager
def refused_if_changed(model: str) -> Iterator[None]:
    """Say what to do where the block is refused for a change that came before; raises Stale."""
    try:
        yield
    except Stale as error:
        raise Stale(STALE.format(model)) from error
