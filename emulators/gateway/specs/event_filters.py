"""Which events a trigger wants: its ``filters``, in CloudEvents' Subscriptions API's dialects."""

from typing import Literal

import msgspec

from emulators.gateway.errors import Invalid

Comparison = Literal["exact", "prefix", "suffix"]
Combination = Literal["all", "any", "not"]
_DEEPEST = 32  # filters in one another: each is a call in a call when an event comes


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


def read_filters(
    specs: list[FilterSpec] | None, field: str, depth: int = 0
) -> tuple[EventFilter, ...]:
    """Read a list of filters; those that say nothing are left out, as they are in Knative.

    Args:
        specs: What the deploy file says.
        field: Where it says so, for errors.
        depth: In how many filters they stand.

    Raises:
        Invalid: Naming the field, for a dialect that is not evaluated here, two in one, or more
            filters in one another than are evaluated.
    """
    each = (_read(spec, f"{field}[{at}]", depth) for at, spec in enumerate(specs or ()))
    return tuple(found for found in each if found is not None)


def _read(spec: FilterSpec, field: str, depth: int) -> EventFilter | None:
    if depth > _DEEPEST:
        raise Invalid(f"{field}: it stands in over {_DEEPEST} filters", "say it with fewer")
    if spec.cesql:
        raise Invalid(
            f"{field}.cesql: expressions in CESQL are not evaluated here",
            "say it with exact, prefix, suffix, all, any and not",
        )
    compared, combined = _comparisons(spec), _combinations(spec)
    if len(compared) + len(combined) > 1:
        raise Invalid(
            f"{field}: multiple dialects found, filters can have only one dialect set",
            "give a filter to each, or combine them with all, any or not",
        )
    for dialect, values in compared.items():
        return Compare(dialect, values) if all(values) and all(values.values()) else None
    for which, specs in combined.items():
        return Combine(which, _within(which, specs, f"{field}.{which}", depth + 1))
    return None


def _comparisons(spec: FilterSpec) -> dict[Comparison, dict[str, str]]:
    written: dict[Comparison, dict[str, str] | None] = {
        "exact": spec.exact,
        "prefix": spec.prefix,
        "suffix": spec.suffix,
    }
    return {dialect: values for dialect, values in written.items() if values}


def _combinations(spec: FilterSpec) -> dict[Combination, list[FilterSpec]]:
    written: dict[Combination, list[FilterSpec] | None] = {
        "all": spec.all,
        "any": spec.any,
        "not": None if spec.not_ is None else [spec.not_],
    }
    return {dialect: specs for dialect, specs in written.items() if specs}


def _within(
    dialect: Combination, specs: list[FilterSpec], field: str, depth: int
) -> tuple[EventFilter, ...]:
    if dialect != "not":
        return read_filters(specs, field, depth)
    found = _read(specs[0], field, depth)
    return () if found is None else (found,)
