"""A plan's bounds, from the form's text to what the API takes."""

from collections.abc import Mapping

from web.client.errors import Flaw, Invalid
from web.forms.fields import parse_version

BOUNDS = {
    "predictions_per_minute": "Predictions a minute",
    "concurrency": "Calls at once",
    "rows": "Rows of a call",
    "bytes": "Bytes of a call",
}


def parse_bounds(form: Mapping[str, str]) -> dict[str, int | None]:
    """Return the bounds; a field left empty is no bound.

    Raises:
        Invalid: a field is no whole number; its flaws say which.
    """
    texts = {name: form.get(name, "").replace(",", "").strip() for name in BOUNDS}
    numbers = {name: parse_version(text) if text else None for name, text in texts.items()}
    flaws = [
        Flaw(f"'{text[:30]}' is no whole number such as 50", column=name)
        for name, text in texts.items()
        if text and numbers[name] is None
    ]
    if flaws:
        raise Invalid("The plan was not changed.", flaws)
    return numbers
