"""Which events a trigger's filters let pass, decided as Knative's broker decides it."""

import json
from typing import Any

import pytest

from emulators.gateway.errors import Invalid
from emulators.gateway.eventing import filters as rules
from emulators.gateway.eventing.event import Event
from emulators.gateway.specs.eventing import Trigger, parse_trigger

EVENT = Event(
    {
        "specversion": "1.0",
        "id": "7",
        "source": "/orders/eu",
        "type": "com.shop.order.created",
        "time": "2026-01-31T12:00:00.500Z",
        "count": "5",
        "big": "true",
    },
    "application/json; charset=utf-8",
    b"{}",
)
TYPE = {"exact": {"type": "com.shop.order.created"}}
OTHER = {"exact": {"type": "com.shop.order.deleted"}}


def trigger(**spec: Any) -> Trigger:
    service = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "f"}
    item = {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": {"name": "t"},
        "spec": {"broker": "b", "subscriber": {"ref": service}, **spec},
    }
    return parse_trigger(json.dumps(item).encode(), "default")


def wants(trigger: Trigger, event: Event) -> bool:
    return rules.wants(trigger, rules.comparable(event))


@pytest.mark.parametrize(
    ("written", "passes"),
    [
        (TYPE, True),
        (OTHER, False),
        ({"exact": {"type": "com.shop.order.Created"}}, False),  # case counts
        ({"exact": {"type": "com.shop.order.created", "count": "5"}}, True),
        ({"exact": {"type": "com.shop.order.created", "count": "6"}}, False),
        ({"exact": {"big": "true"}}, True),
        ({"exact": {"colour": "blue"}}, False),  # an attribute that is missing
        ({"exact": {"datamediatype": "application/json"}}, True),
        ({"exact": {"time": "2026-01-31T12:00:00.5Z"}}, True),
        ({"prefix": {"type": "com.shop."}}, True),
        ({"prefix": {"type": "com.shop.", "source": "/orders"}}, True),
        ({"prefix": {"type": "org."}}, False),
        ({"prefix": {"subject": "x"}}, False),
        ({"suffix": {"type": ".created"}}, True),
        ({"suffix": {"type": ".deleted"}}, False),
        ({"suffix": {"colour": "e"}}, False),
        ({"all": [TYPE, {"prefix": {"source": "/orders"}}]}, True),
        ({"all": [TYPE, OTHER]}, False),
        ({"any": [OTHER, {"suffix": {"source": "/eu"}}]}, True),
        ({"any": [OTHER, {"exact": {"colour": "blue"}}]}, False),
        ({"not": OTHER}, True),
        ({"not": TYPE}, False),
        ({"not": {"exact": {"colour": "blue"}}}, True),
        ({"not": {"any": [OTHER, {"not": {"all": [TYPE]}}]}}, True),
        ({}, True),
        ({"not": {}}, True),
        ({"not": {"all": [{}]}}, True),
        ({"all": [{}, OTHER]}, False),
        ({"exact": {"type": ""}}, True),  # a value that Knative cannot compare says nothing
    ],
)
def test_a_filter(written: dict[str, Any], passes: bool) -> None:
    assert wants(trigger(filters=[written]), EVENT) is passes


def test_every_filter_must_pass_and_none_wants_all() -> None:
    assert wants(trigger(filters=[TYPE, {"prefix": {"source": "/"}}]), EVENT)
    assert not wants(trigger(filters=[TYPE, OTHER]), EVENT)
    assert wants(trigger(filters=[]), EVENT)
    assert wants(trigger(), EVENT)


def test_filters_come_before_filter() -> None:
    old = {"attributes": {"type": "com.shop.order.deleted"}}
    assert wants(trigger(filter=old, filters=[TYPE]), EVENT)
    assert wants(trigger(filter=old, filters=[{}]), EVENT)  # whatever they say
    assert not wants(trigger(filter=old, filters=[]), EVENT)
    assert not wants(trigger(filter=old), EVENT)


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        ({}, True),
        ({"type": "com.shop.order.created", "source": "/orders/eu"}, True),
        ({"type": "com.shop.order"}, False),
        ({"colour": "blue"}, False),
        ({"type": ""}, True),  # any value
        ({"colour": ""}, False),
        ({"subject": ""}, False),
        ({"datacontenttype": "application/json; charset=utf-8"}, True),
    ],
)
def test_filter_wants_exact_values(wanted: dict[str, str], passes: bool) -> None:
    assert wants(trigger(filter={"attributes": wanted}), EVENT) is passes


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
        ("2026-01-31T12:00:00.000+00:00", "2026-01-31T12:00:00Z"),
        ("2026-01-31t12:00:00.120z", "2026-01-31T12:00:00.12Z"),
        ("2026-01-31T12:00:00.10+02:00", "2026-01-31T12:00:00.1+02:00"),
        ("", "0001-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_compared_as_go_writes_it(text: str, seen: str) -> None:
    assert wants(trigger(filters=[{"exact": {"time": seen}}]), EVENT.extended(time=text))


@pytest.mark.parametrize(
    ("filters", "place", "words"),
    [
        ([TYPE, {"cesql": "type = 'x'"}], r"spec\.filters\[1\]\.cesql", "CESQL"),
        ([{"any": [TYPE, {"not": {"cesql": "true"}}]}], r"\[0\]\.any\[1\]\.not\.cesql", "CESQL"),
        ([{**TYPE, "prefix": {"type": "x"}}], r"spec\.filters\[0\]", "multiple dialects"),
        ([{"exact": {"type": ""}, "not": {}}], r"spec\.filters\[0\]", "multiple dialects"),
        ([{"exact": {"type": 5}}], "filters", "str"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_by_name(
    filters: list[Any], place: str, words: str
) -> None:
    with pytest.raises(Invalid, match=f"{place}.*{words}|{words}.*{place}"):
        trigger(filters=filters)


def nested(depth: int, dialect: str) -> Any:
    """A filter that stands in so many others."""
    found: Any = TYPE
    for _ in range(depth):
        found = {dialect: found if dialect == "not" else [found]}
    return found


@pytest.mark.parametrize("dialect", ["not", "all", "any"])
def test_filters_may_stand_in_one_another_but_not_without_end(dialect: str) -> None:
    assert wants(trigger(filters=[nested(32, dialect)]), EVENT)
    for depth in (33, 200):
        with pytest.raises(Invalid, match="over 32 filters"):
            trigger(filters=[nested(depth, dialect)])
