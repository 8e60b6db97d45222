"""``filter`` and ``filters`` of a Trigger."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from emulators.gateway.specs.validation.faults import Faults

_MATCHES = ("exact", "prefix", "suffix")
_DIALECTS = (*_MATCHES, "all", "any", "not", "cesql")
_NAME = re.compile("[a-z][a-z0-9]*")
_RULE = "Attribute name must start with a letter and can only contain lowercase alphanumeric"


def check_all(filters: Sequence[Mapping[str, Any]], at: str, faults: Faults) -> None:
    """Note what is wrong with filters, all of which an event must pass."""
    for number, one in enumerate(filters):
        check(one, f"{at}[{number}]", faults)


def check(one: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what is wrong with one filter and those within it."""
    # An empty object within `not` is a filter; elsewhere what is empty counts as absent.
    given = [name for name in _DIALECTS if one.get(name) or (name == "not" and name in one)]
    if len(given) > 1:
        faults.add("multiple dialects found, filters can have only one dialect set", at)
    for name in _MATCHES:
        check_names(one.get(name, {}), f"{at}.{name}", faults)
    for name in ("all", "any"):
        check_all(one.get(name, []), f"{at}.{name}", faults)
    if "not" in one:
        check(one["not"], f"{at}.not", faults)


def check_names(attributes: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note names that no attribute of an event has."""
    for name in attributes:
        if not _NAME.fullmatch(name):
            faults.bad_key(name, f"{at}[{name}]", _RULE)
