"""Which trigger wants an event, as Knative's broker decides it (pure).

A filter passes, fails, or has nothing to say, which lets an event pass, too, but stays so within
a ``not``: that is how Knative counts filters that are empty.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from emulators.gateway.eventing.event import Event, media_of
from emulators.gateway.specs.event_filters import Compare, EventFilter
from emulators.gateway.specs.eventing import Trigger

Verdict = bool | None  # None: nothing to say
# Attributes of CloudEvents that Knative takes for empty, not for missing.
_STANDARD = ("specversion", "id", "source", "type", "subject", "dataschema", "datacontenttype")
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "exact": str.__eq__,
    "prefix": str.startswith,
    "suffix": str.endswith,
}
_FRACTION = re.compile(r"\.(\d*?)0*(?=Z$|[+-]\d\d:\d\d$)")
_NO_TIME = "0001-01-01T00:00:00Z"


def wants(trigger: Trigger, has: Mapping[str, str]) -> bool:
    """Tell whether a trigger's filters let an event pass; ``filters`` come before ``filter``.

    Args:
        trigger: Whose filters.
        has: What `comparable` says of the event.
    """
    if trigger.filters:
        return _until(trigger.filters, has, decides=False) is not False
    return matches(trigger.wanted, has)


def matches(wanted: Mapping[str, str], has: Mapping[str, str]) -> bool:
    """Tell whether each attribute is there with exactly the value; an empty value takes any."""
    return all(has.get(name) and value in ("", has[name]) for name, value in wanted.items())


def comparable(event: Event) -> dict[str, str]:
    """Return an event's attributes, as text, under the names that filters know."""
    has = dict.fromkeys(_STANDARD, "") | event.attributes
    has["datacontenttype"] = event.content_type
    has["datamediatype"] = media_of(event.content_type)
    has["schemaurl"] = has["dataschema"]
    has["time"] = _time(event.attributes.get("time", ""))
    return has


def _time(text: str) -> str:
    """Return a moment as Go writes it: fractions without zeros at their end, UTC as ``Z``."""
    if not text:
        return _NO_TIME
    whole = _FRACTION.sub(lambda found: f".{found[1]}" if found[1] else "", text.upper())
    return f"{whole[:-6]}Z" if whole.endswith(("+00:00", "-00:00")) else whole


def _verdict(wanted: EventFilter, has: Mapping[str, str]) -> Verdict:
    if isinstance(wanted, Compare):
        return _compared(wanted, has)
    if wanted.dialect == "all":
        return _until(wanted.within, has, decides=False)
    if wanted.dialect == "any":
        return _until(wanted.within, has, decides=True)
    found = _verdict(wanted.within[0], has) if wanted.within else None
    return None if found is None else not found


def _compared(wanted: Compare, has: Mapping[str, str]) -> bool:
    fits = _COMPARE[wanted.dialect]
    return all(name in has and fits(has[name], value) for name, value in wanted.values.items())


def _until(filters: Iterable[EventFilter], has: Mapping[str, str], *, decides: bool) -> Verdict:
    """Return `decides` as soon as one of the filters says so, else what the last one says."""
    verdict: Verdict = None
    for each in filters:
        verdict = _verdict(each, has)
        if verdict is decides:
            break
    return verdict
