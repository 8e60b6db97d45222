"""Which events a trigger wants: its ``filters``, in CloudEvents' Subscriptions API's dialects."""

from typing import Literal

import msgspec

from emulators.gateway.errors import Invalid

Comparison = Literal["exact", "prefix", "suffix"]
Combination = Literal["all", "any", "not"]


class Compare(msgspec.Struct, frozen=True, tag=True):
    """Wants each attribute to be, to begin or to end as written (case counts)."""

    dialect: Comparison
    values: dict[str, str]


class Combine(msgspec.Struct, frozen=True, tag=True):
    """Wants all, any or (the only one) not of what is within."""

    dialect: Combination
    within: tuple["EventFilter", ...]


EventFilter = Compare | Combine


class FilterSpec(msgspec.Struct):
    """One filter as deploy files have it: one dialect, or none, which wants every event."""

    exact: dict[str, str] | None = None
    prefix: dict[str, str] | None = None
    suffix: dict[str, str] | None = None
    all: list["FilterSpec"] | None = None
    any: list["FilterSpec"] | None = None
    not_: "FilterSpec | None" = msgspec.field(default=None, name="not")
    cesql: str = ""


def read_filters(specs: list[FilterSpec] | None, field: str) -> tuple[EventFilter, ...]:
    """Read a list of filters; those that say nothing are left out, as they are in Knative.

    Raises:
        Invalid: Naming the field, for a dialect that is not evaluated here, or two in one.
    """
    each = (_read(spec, f"{field}[{at}]") for at, spec in enumerate(specs or ()))
    return tuple(found for found in each if found is not None)


def _read(spec: FilterSpec, field: str) -> EventFilter | None:
    if spec.cesql:
        raise Invalid(
            f"{field}.cesql: expressions in CESQL are not evaluated here",
            "say it with exact, prefix, suffix, all, any and not",
        )
    found = [*_comparisons(spec), *_combinations(spec, field)]
    if len(found) > 1:
        raise Invalid(
            f"{field}: multiple dialects found, filters can have only one dialect set",
            "give a filter to each, or combine them with all, any or not",
        )
    return found[0] if found else None


def _comparisons(spec: FilterSpec) -> list[EventFilter]:
    dialects: tuple[Comparison, ...] = ("exact", "prefix", "suffix")
    written = ((dialect, getattr(spec, dialect) or {}) for dialect in dialects)
    return [Compare(dialect, values) for dialect, values in written if _says_something(values)]


def _says_something(values: dict[str, str]) -> bool:
    return bool(values) and all(values) and all(values.values())


def _combinations(spec: FilterSpec, field: str) -> list[EventFilter]:
    within = [] if spec.not_ is None else [spec.not_]
    written: tuple[tuple[Combination, list[FilterSpec]], ...] = (
        ("all", spec.all or []),
        ("any", spec.any or []),
        ("not", within),
    )
    return [
        Combine(dialect, read_filters(specs, f"{field}.{dialect}"))
        for dialect, specs in written
        if specs
    ]
