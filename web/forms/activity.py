"""A search in the activity: from the form's text to the API's parameters."""

import re
from collections.abc import Mapping

from web.client.errors import Flaw, Invalid
from web.views.moments import moment_of

TEXTS = ("caller", "function", "status", "call")
TIMES = ("from", "to")


def parse_search(args: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that are filled in; times without a zone are in UTC.

    Raises:
        Invalid: a time cannot be read, or a status is no number; its flaws say which.
    """
    filled = {name: args.get(name, "").strip() for name in (*TEXTS, *TIMES)}
    found, flaws = {name: text for name, text in filled.items() if text}, []
    if not re.fullmatch("[1-5]([0-9]{2}|xx)", found.get("status", "200")):
        flaws.append(
            Flaw("must be a number such as 404, or 4xx for all of a kind", column="status")
        )
    for name in TIMES:
        try:
            found |= {name: moment_of(found[name]).isoformat()} if name in found else {}
        except ValueError:
            flaws.append(Flaw("must be a time such as 2026-01-31T12:00", column=name))
    if flaws:
        raise Invalid("The search was not made.", flaws)
    return tuple(found.items())
