"""A search in logs: from the form's text to the plane's parameters."""

import re
from collections.abc import Mapping

from web.client.errors import Flaw, Invalid

FIELDS = ("name", "level", "text", "trace", "since")
LEVELS = {"": "all", "warning": "warnings and errors", "error": "errors"}
SINCE = {"": "any time", "15m": "15 minutes", "1h": "an hour", "24h": "a day", "168h": "a week"}
MOST = 200


def parse_log_search(args: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that are filled in.

    Raises:
        Invalid: the trace is none.
    """
    filled = {name: args.get(name, "").strip()[:200] for name in FIELDS}
    found = {name: text for name, text in filled.items() if text}
    if found.get("level") not in LEVELS:
        found.pop("level", None)
    if found.get("since") not in SINCE:
        found.pop("since", None)
    if not re.fullmatch("[0-9a-f]{32}", found.get("trace", "0" * 32)):
        flaw = Flaw("is 32 of the digits 0 to 9 and a to f", column="trace")
        raise Invalid("The search was not made.", [flaw])
    return found | {"limit": str(MOST)}
