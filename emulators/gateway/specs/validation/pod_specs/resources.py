"""A container's ``resources``, as Kubernetes checks those of a pod."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from emulators.gateway.specs.validation import names, quantities
from emulators.gateway.specs.validation.causes import Causes

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_HUGE = "hugepages-"


def check_pod(resources: Mapping[str, Any], at: str, causes: Causes) -> None:
    """Note what is wrong with the limits and requests of a container."""
    limits, requests = resources.get("limits", {}), resources.get("requests", {})
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for name, written in amounts.items():
            _check_amount(name, written, f"{at}.{kind}", causes)
    # What stands in the limits alone is requested, too.
    for name, written in requests.items():
        _compare(name, written, limits.get(name), f"{at}.requests", causes)
    asked = {*limits, *requests}
    if any(name.startswith(_HUGE) for name in asked) and not asked & {"cpu", "memory"}:
        causes.invalid(at, sorted(asked), "HugePages require cpu or memory")


def _check_amount(name: str, written: Any, at: str, causes: Causes) -> None:
    place = f"{at}[{name}]"
    if wrong := names.qualified(name):
        causes.invalid(place, name, wrong)
    elif "/" not in name and name not in _STANDARD and not name.startswith(_HUGE):
        causes.invalid(place, name, "must be a standard resource for containers")
    amount = quantities.parse(written) or Fraction(0)
    if amount < 0:
        causes.invalid(place, str(written), "must be greater than or equal to 0")
    elif _is_whole(name) and amount.denominator != 1:
        causes.invalid(place, str(written), "must be an integer")


def _compare(name: str, written: Any, limit: Any, place: str, causes: Causes) -> None:
    if limit is None:
        if _is_whole(name):
            causes.required(f"{place}", "Limit must be set for non overcommitable resources")
        return
    asked, most = quantities.parse(written), quantities.parse(limit)
    if asked is None or most is None:
        return
    if _is_whole(name) and asked != most:
        causes.invalid(place, str(written), f"must be equal to {name} limit of {limit}")
    elif asked > most:
        causes.invalid(
            place, str(written), f"must be less than or equal to {name} limit of {limit}"
        )


def _is_whole(name: str) -> bool:
    """Tell whether a resource comes in whole pieces that nobody shares, such as a device."""
    return name.startswith(_HUGE) or ("/" in name and not name.startswith("kubernetes.io/"))
