"""Objects as the rows that ``kubectl get`` prints (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emulators.gateway.apis.kubernetes.resources import Column, Resource

META = "meta.k8s.io/v1"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}
# Up to how many seconds an age is written with which unit, and which smaller one beside it.
_AGES = (
    (120, "s", ""),
    (600, "m", "s"),
    (3 * 3600, "m", ""),
    (8 * 3600, "h", "m"),
    (48 * 3600, "h", ""),
    (8 * 86400, "d", "h"),
    (2 * 365 * 86400, "d", ""),
    (8 * 365 * 86400, "y", "d"),
)


def is_wanted(accept: str) -> bool:
    """Tell whether a client would rather have a Table (the first of what it takes counts)."""
    first = accept.split(",", 1)[0].replace(" ", "")
    return "as=Table" in first and "g=meta.k8s.io" in first and "v=v1;" in first + ";"


def table(
    resource: Resource, things: Sequence[Mapping[str, Any]], version: str, include: str, now: float
) -> dict[str, Any]:
    """Return a Table of objects.

    Args:
        resource: Whose columns are shown.
        things: The objects.
        version: The list's resourceVersion.
        include: What each row carries beside its cells: None, Metadata or Object.
        now: Unix time, for ages.
    """
    return {
        "kind": "Table",
        "apiVersion": META,
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [_definition(column) for column in resource.columns],
        "rows": [_row(resource, thing, include, now) for thing in things],
    }


def age(seconds: float) -> str:
    """Return a length of time in the words of ``kubectl get``."""
    whole = max(0, int(seconds))
    for limit, unit, rest in _AGES:
        if whole < limit:
            count, left = divmod(whole, _UNITS[unit])
            beside = left // _UNITS[rest] if rest else 0
            return f"{count}{unit}{beside}{rest}" if beside else f"{count}{unit}"
    return f"{whole // _UNITS['y']}y"


def _definition(column: Column) -> dict[str, Any]:
    return {
        "name": column.title,
        "type": "string" if column.kind == "date" else column.kind,
        "format": "name" if column.title == "Name" else "",
        "description": "",
        "priority": 0,
    }


def _row(resource: Resource, thing: Mapping[str, Any], include: str, now: float) -> dict[str, Any]:
    row: dict[str, Any] = {"cells": [_cell(column, thing, now) for column in resource.columns]}
    if include == "Object":
        row["object"] = thing
    elif include != "None":
        partial = {"kind": "PartialObjectMetadata", "apiVersion": META}
        row["object"] = partial | {"metadata": thing["metadata"]}
    return row


def _cell(column: Column, thing: Mapping[str, Any], now: float) -> Any:
    value = column.cell(thing)
    if column.kind == "date":
        return age(now - datetime.fromisoformat(value).timestamp()) if value else "<unknown>"
    return "" if value is None else value
