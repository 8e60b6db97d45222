"""Where events go: ``ref``, ``uri``, or both."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from emulators.gateway.specs.validation.faults import Faults, under

_NEEDED = ("name", "apiVersion", "kind")


def check(destination: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what is wrong with a destination."""
    ref, uri = destination.get("ref"), destination.get("uri")
    if ref is None and uri is None:
        faults.add("expected at least one, got none", *under(at, "ref", "uri"))
    elif uri is None:
        check_reference(ref or {}, f"{at}.ref", faults)
    elif ref is not None and urlsplit(uri).scheme:
        told = "Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present"
        faults.add(told, *under(at, "[apiVersion, kind, name]", "ref", "uri"))
    elif ref is None and not (urlsplit(uri).scheme and urlsplit(uri).netloc):
        told = "Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent"
        faults.invalid(told, f"{at}.uri")


def check_reference(ref: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what is missing of a reference to an object."""
    for name in _NEEDED:
        if not ref.get(name):
            faults.missing(f"{at}.{name}")
