"""``spec.traffic`` of a Knative Service."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.gateway.specs.validation import names
from emulators.gateway.specs.validation.faults import Faults

_WHOLE = 100


def check(targets: Sequence[Mapping[str, Any]], place: str, faults: Faults) -> None:
    """Note what is wrong with the targets; none at all means everything to the newest revision."""
    seen: dict[str, int] = {}
    for number, target in enumerate(targets):
        at = f"{place}[{number}]"
        _check_target(target, at, faults)
        tag = target.get("tag")
        if not tag:
            continue
        if wrong := names.old_label(tag):
            faults.invalid(f"not a DNS 1035 label: [{wrong}]", f"{place}.tag[{number}]")
        if tag in seen:
            faults.add(
                f'Multiple definitions for "{tag}"', f"{at}.tag", f"{place}[{seen[tag]}].tag"
            )
        seen.setdefault(tag, number)
    total = sum(target.get("percent", 0) for target in targets)
    if targets and total != _WHOLE:
        faults.add(f"Traffic targets sum to {total}, want {_WHOLE}", place)


def _check_target(target: Mapping[str, Any], at: str, faults: Faults) -> None:
    name, latest = target.get("revisionName", ""), target.get("latestRevision")
    if latest is not None and bool(name) == latest:
        told = f'may not set revisionName "{name}" when latestRevision is {str(latest).lower()}'
        faults.add(told, f"{at}.latestRevision")
    if target.get("configurationName"):
        faults.disallowed(f"{at}.configurationName")
    elif name and (wrong := names.qualified(name)):
        faults.bad_key(name, f"{at}.revisionName", wrong)
    percent = target.get("percent", 0)
    if not 0 <= percent <= _WHOLE:
        faults.outside(percent, 0, _WHOLE, f"{at}.percent")
    if target.get("url"):
        faults.disallowed(f"{at}.url")
