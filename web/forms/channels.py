"""A channel as a form says it: whom to tell, by mail or by a webhook."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from web.client.errors import Flaw, Invalid

KINDS = {"email": "E-mail", "webhook": "A webhook"}
HOURS = {"1": "an hour", "8": "8 hours", "24": "a day", "168": "a week"}
"""For how long a rule is silenced."""


def parse_channel(texts: Mapping[str, str], kind: str) -> dict[str, Any]:
    """Return what the API takes of a channel of a kind.

    What is secret of a webhook stays as it is where its field is empty.

    Raises:
        Invalid: something is missing; its flaws say what.
    """
    if kind not in KINDS:
        raise Invalid(f"'{kind[:20]}' is no kind of channel: choose e-mail or a webhook.")
    wanted: dict[str, Any] = {
        "kind": kind,
        "name": texts.get("name", "").strip(),
        "everybody": "everybody" in texts,
    }
    if kind == "email":
        wanted["to"] = [one for one in re.split(r"[\s,;]+", texts.get("to", "")) if one]
        if not wanted["to"]:
            flaw = Flaw("is missing: write an address, or some apart by commas", column="to")
            raise Invalid("The channel was not saved.", [flaw])
    else:
        given = {name: texts.get(name, "").strip() for name in ("url", "secret")}
        wanted |= {name: text for name, text in given.items() if text}
    return wanted


def until_of(texts: Mapping[str, str], now: dt.datetime | None = None) -> str | None:
    """Return until when a rule is silenced, as ISO 8601; None to end that. Raises Invalid."""
    hours = texts.get("hours", "")
    if hours == "0":
        return None
    if hours not in HOURS:
        raise Invalid("Choose for how long nobody shall hear of it.")
    return ((now or dt.datetime.now(dt.UTC)) + dt.timedelta(hours=int(hours))).isoformat()
