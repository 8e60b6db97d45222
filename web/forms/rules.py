"""A rule as a form says it, from text to what the API takes, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.client.alert_schemas import Rule
from web.client.errors import Flaw, Invalid
from web.forms.fields import parse_number, parse_version
from web.views.formatting import cell

CONDITIONS = {
    "alarm": "is off by more than chance explains",
    "above": "is above a value",
    "below": "is below a value",
    "outside": "is outside a band",
    "worse": "is worse than in training",
}
SEVERITIES = {"info": "good to know", "warning": "a warning", "critical": "critical"}
ACTS = {
    "retrain": "Train again on the newest rows",
    "promote": "Let the newest version answer, if it is better on new rows",
    "rollback": "Let the version answer that answered before",
    "switch": "Send all calls to the version that the alias names",
}
"""In the order in which they are done."""
ALIAS = "champion"


def parse_rule(
    texts: Mapping[str, str],
    channels: Sequence[str],
    acts: Sequence[str],
    before: Rule | None = None,
) -> dict[str, Any]:
    """Return what the API takes.

    Args:
        texts: the form's fields.
        channels: the ids of those that are ticked.
        acts: what is to be done when it fires.
        before: the rule that is changed; what of its acts the form does not show stays.

    Raises:
        Invalid: something is missing, or no number; its flaws say what.
    """
    flaws: list[Flaw] = []
    name, measure = texts.get("name", "").strip(), texts.get("measure", "").strip()
    if not name:
        flaws.append(Flaw("is missing: say what people shall call it", column="name"))
    if not measure:
        flaws.append(Flaw("is missing: choose one of the list", column="measure"))
    counts = {
        field: _count(texts, field, default, flaws)
        for field, default in (("for_windows", 1), ("clear_windows", 1), ("cooldown_minutes", 60))
    }
    wanted = {
        "name": name,
        "measure": measure,
        "version": _version(texts, flaws),
        "span": texts.get("span", "hour"),
        "condition": _condition(texts, flaws),
        **counts,
        "severity": texts.get("severity", "warning"),
        "channels": list(channels) if texts.get("told") == "chosen" else None,
        "acts": [_act(one, texts, before) for one in ACTS if one in acts],
        "enabled": "enabled" in texts,
        "silenced_until": before.silenced_until if before else None,
    }
    if flaws:
        raise Invalid("The rule was not saved.", flaws)
    return wanted


def texts_of(rule: Rule | None) -> dict[str, str]:
    """Return what each field shows; of a new rule what suits most."""
    if rule is None:
        return {
            "measure": "drift",
            "span": "hour",
            "when": "alarm",
            "severity": "warning",
            "for_windows": "3",
            "clear_windows": "3",
            "cooldown_minutes": "60",
            "enabled": "yes",
            "alias": ALIAS,
            "told": "everybody",
        }
    condition = rule.condition
    numbers = {name: cell(condition.get(name)) for name in ("value", "low", "high", "margin")}
    aliases = [one.get("alias", ALIAS) for one in rule.acts]
    told = {
        "name": rule.name,
        "measure": rule.measure,
        "span": rule.span,
        "version": "" if rule.version is None else str(rule.version),
        "when": str(condition.get("when", "")),
        **numbers,
        "for_windows": str(rule.for_windows),
        "clear_windows": str(rule.clear_windows),
        "cooldown_minutes": str(rule.cooldown_minutes),
        "severity": rule.severity,
        "alias": str(aliases[0]) if aliases else ALIAS,
        "told": "everybody" if rule.channels is None else "chosen",
    }
    relative = {"relative": "yes"} if condition.get("relative") else {}
    return told | relative | ({"enabled": "yes"} if rule.enabled else {})


def _version(texts: Mapping[str, str], flaws: list[Flaw]) -> int | None:
    text = texts.get("version", "").strip()
    version = parse_version(text)
    if text and not version:
        flaws.append(
            Flaw("is the number of a version, or empty for the champion", column="version")
        )
    return version or None


def _count(texts: Mapping[str, str], field: str, default: int, flaws: list[Flaw]) -> int:
    text = texts.get(field, "").strip()
    found = parse_version(text) if text else default
    if found is None:
        flaws.append(Flaw("is a whole number, such as 3", column=field, value=text[:20]))
    return found or 0


def _condition(texts: Mapping[str, str], flaws: list[Flaw]) -> dict[str, Any]:
    when = texts.get("when", "")
    if when not in CONDITIONS:
        flaws.append(Flaw("is missing: choose one", column="when"))
        return {}
    found: dict[str, Any] = {"when": when}
    if when in {"above", "below"}:
        found["value"] = _number(texts, "value", flaws)
    elif when == "outside":
        ends = [(name, _number(texts, name, flaws, required=False)) for name in ("low", "high")]
        found |= {name: value for name, value in ends if value is not None}
    elif when == "worse":
        found |= {"margin": _number(texts, "margin", flaws), "relative": "relative" in texts}
    return found


def _number(
    texts: Mapping[str, str], field: str, flaws: list[Flaw], *, required: bool = True
) -> float | None:
    text = texts.get(field, "").strip()
    if not text:
        if required:
            flaws.append(Flaw("is missing: write a number", column=field))
        return None
    try:
        if text.endswith("%"):
            return parse_number(text[:-1]) / 100
        return parse_number(text)
    except ValueError as error:
        flaws.append(Flaw(str(error), column=field, value=text[:40]))
        return None


def _act(do: str, texts: Mapping[str, str], before: Rule | None) -> dict[str, Any]:
    """Return an act; one that the rule had already keeps what the form does not show."""
    had = next((one for one in (before.acts if before else ()) if one.get("do") == do), {})
    return {**had, "do": do, "alias": texts.get("alias", "").strip() or ALIAS}
