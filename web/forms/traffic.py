"""How calls shall be shared out, as a form says it, and the reason of a change."""

from collections.abc import Mapping
from typing import Any

from web.client.errors import Flaw, Invalid
from web.forms.fields import parse_version

SHARE = "share."
SHADOW = "shadow."
LONGEST_REASON = 500


def reason_of(form: Mapping[str, str]) -> str:
    """Return why somebody changes something, in one line; empty where that was not said."""
    return " ".join(form.get("reason", "").split())[:LONGEST_REASON]


def traffic_of(form: Mapping[str, str]) -> dict[str, Any]:
    """Return `shares` (percent by version), `shadows` and the reason; raises Invalid.

    A version whose field is empty or 0 answers no calls.
    """
    shares, flaws = {}, []
    for name, text in form.items():
        version = parse_version(name.removeprefix(SHARE)) if name.startswith(SHARE) else None
        typed = text.strip().removesuffix("%").strip()
        if version is None or not typed:
            continue
        if not (typed.isdecimal() and typed.isascii() and int(typed[:4]) <= 100):
            reason = f"has a share of '{text[:20]}': write a whole number from 0 to 100"
            flaws.append(Flaw(reason=reason, column=f"Version {version}"))
        elif int(typed):
            shares[version] = int(typed)
    if flaws:
        raise Invalid("The calls were not shared out.", flaws)
    shadows = [
        version
        for name in form
        if name.startswith(SHADOW)
        and (version := parse_version(name.removeprefix(SHADOW))) is not None
        and version not in shares
    ]
    named = {str(version): share for version, share in sorted(shares.items())}
    return {"shares": named, "shadows": sorted(shadows), "reason": reason_of(form)}
