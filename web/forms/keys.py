"""The order for a key: from the form's text to what the API takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.client.errors import Flaw, Invalid
from web.forms.fields import parse_version

SCOPES = {
    "read": "see data, trainings and models",
    "predict": "have predictions",
    "write": "change things: data, trainings, aliases",
}
DAYS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year", "": "never"}
OVERLAPS = {"0": "at once", "3600": "in an hour", "86400": "in a day", "604800": "in a week"}


def parse_key_order(texts: Mapping[str, str], scopes: Sequence[str]) -> dict[str, Any]:
    """Return the order.

    Args:
        texts: the form's fields.
        scopes: those that are ticked.

    Raises:
        Invalid: something is missing or no number; its flaws say what.
    """
    name, flaws = texts.get("name", "").strip(), []
    if not name:
        flaws.append(Flaw("is missing: say what the key is for", column="name"))
    if not scopes:
        flaws.append(Flaw("choose at least one", column="scopes"))
    order: dict[str, Any] = {"name": name, "scopes": list(scopes)}
    kind, subject = texts.get("kind", ""), texts.get("subject", "").strip()
    if kind and not subject:
        flaws.append(Flaw(f"is missing: which {kind} is it for?", column="subject"))
    elif kind:
        order["only"] = {"kind": kind, "name": subject}
    if text := texts.get("days", ""):
        order["days"] = parse_version(text)
        flaws += [] if order["days"] else [Flaw("must be a number of days", column="days")]
    if flaws:
        raise Invalid("The key was not made.", flaws)
    return order
