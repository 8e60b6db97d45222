"""What a report is to be about, and which files it is to have, as a form says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.client.errors import Flaw, Invalid
from web.forms.fields import version_named
from web.views.reports import FORMS

KEPT = ("dataset", "model", "version")
"""What a report is about, as addresses and forms name it."""


def about(texts: Mapping[str, str]) -> dict[str, str]:
    """Return which of these an address or a form names."""
    found = {name: texts.get(name, "").strip()[:200] for name in KEPT}
    return {name: text for name, text in found.items() if text}


def parse_report(texts: Mapping[str, str], kinds: Sequence[str]) -> dict[str, Any]:
    """Return what the API takes of a report.

    Args:
        texts: `dataset` and perhaps `target`, or `model` and perhaps `version`.
        kinds: the files that are ticked.

    Raises:
        Invalid: none is, or the version is no number; its flaws say what.
    """
    wanted: dict[str, Any] = {**about(texts)}
    if "version" in wanted:
        wanted["version"] = _version(wanted["version"])
    target = texts.get("target", "").strip()
    known = [one for one in kinds if one in FORMS]
    if not known:
        flaw = Flaw("is missing: tick one at least", column="kinds")
        raise Invalid("No report is made: choose what it is to be.", [flaw])
    return wanted | {"kinds": known} | ({"target": target} if target else {})


def _version(text: str) -> int:
    number = version_named(text, {})
    if number is None:
        flaw = Flaw(f"is a whole number such as 3, not “{text[:20]}”", column="version")
        raise Invalid("No report is made: the version is not a number.", [flaw])
    return number
