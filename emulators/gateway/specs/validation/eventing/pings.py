"""Knative PingSources."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from emulators.gateway.errors import UNREADABLE
from emulators.gateway.specs.validation.eventing import destinations, schedules
from emulators.gateway.specs.validation.faults import BOTH, Faults, under

_JSON = "application/json"
_DEFAULT_SCHEDULE = "* * * * *"
_ALNUM = re.compile("[A-Za-z0-9]+")


def fill_in(thing: dict[str, Any]) -> None:
    """Give a PingSource without a schedule the usual one."""
    spec = thing.setdefault("spec", {})
    spec["schedule"] = spec.get("schedule") or _DEFAULT_SCHEDULE


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a PingSource."""
    spec = thing.get("spec", {})
    schedule = spec.get("schedule", "")
    zone = spec.get("timezone", "")
    if "@every" in schedule:
        faults.invalid("unsupported descriptor @every", "spec.schedule")
    elif zone and not _is_zone(zone):
        faults.invalid(f"provided bad location {zone}: unknown time zone {zone}", "spec.timezone")
    elif wrong := schedules.wrong(schedule):
        faults.invalid(wrong, "spec.schedule")
    destinations.check(spec.get("sink", {}), "spec.sink", faults)
    _check_data(spec, faults)
    for name in spec.get("ceOverrides", {}).get("extensions", {}):
        if not _ALNUM.fullmatch(name):
            why = "keys are expected to be alphanumeric" if name else "keys MUST NOT be empty"
            faults.bad_key(name, "spec.ceOverrides.extensions", why)


def _is_zone(name: str) -> bool:
    if name in {"UTC", "Local"}:
        return True
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name of a file, or a folder's
        return False
    return True


def _check_data(spec: Mapping[str, Any], faults: Faults) -> None:
    text, encoded = spec.get("data", ""), spec.get("dataBase64", "")
    if text and encoded:
        faults.add(BOTH, *under("spec", "data", "dataBase64"))
        return
    raw, field = text.encode(), "spec.data"
    if encoded:
        field = "spec.dataBase64"
        try:
            # As there: line breaks are passed over.
            raw = base64.b64decode(encoded.replace("\r", "").replace("\n", ""), validate=True)
        except ValueError:
            faults.invalid("illegal base64 data", field)
            return
    if raw and spec.get("contentType") == _JSON and not _is_object(raw):
        faults.invalid("the data is no JSON object", field)


def _is_object(raw: bytes) -> bool:
    """Tell whether data is what Knative takes for JSON: an object, or null."""
    try:
        found = msgspec.json.decode(raw)
    except UNREADABLE:
        return False
    return found is None or isinstance(found, dict)
