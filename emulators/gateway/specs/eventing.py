"""Knative Eventing objects: Broker, Trigger and PingSource."""

import base64
import re
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.specs.event_delivery import (
    BROKERS_OWN,
    Delivery,
    DeliverySpec,
    read_delivery,
)
from emulators.gateway.specs.event_filters import EventFilter, FilterSpec, read_filters
from emulators.gateway.specs.names import canonical, checked
from emulators.gateway.specs.sinks import Destination, Sink, read_sink

EVENTING = "eventing.knative.dev/v1"
SOURCES = "sources.knative.dev/v1"
EVERY_MINUTE = "* * * * *"
_EXTENSION = re.compile(r"[a-z0-9]+")
# CloudEvents' SDK of Knative makes no event of one whose extensions overwrite these.
_ATTRIBUTES = frozenset(
    ("specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype")
)


class Broker(msgspec.Struct, frozen=True):
    """Takes events and hands them to its triggers."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    delivery: Delivery = BROKERS_OWN


class Trigger(msgspec.Struct, frozen=True):
    """Gives a broker's events that pass its filters to a subscriber.

    Attributes:
        wanted: Values of attributes (``filter``), where no ``filters`` are written.
        delivery: None for the broker's.
    """

    name: str
    namespace: str
    manifest: dict[str, Any]
    broker: str
    subscriber: Sink
    wanted: dict[str, str] = {}
    filters: tuple[EventFilter, ...] = ()
    delivery: Delivery | None = None


class PingSource(msgspec.Struct, frozen=True):
    """Sends an event at the times of a schedule.

    Attributes:
        extensions: Attributes that its events have besides their own (``ceOverrides``).
    """

    name: str
    namespace: str
    manifest: dict[str, Any]
    schedule: str
    sink: Sink
    timezone: str = "UTC"
    content_type: str = ""
    data: bytes = b""
    extensions: dict[str, str] = {}


class SpecBase(msgspec.Struct, rename="camel"):
    """How fields are called in files."""


class _Metadata(SpecBase):
    name: str = ""
    namespace: str = ""


class _Filter(SpecBase):
    attributes: dict[str, str] | None = None


class _BrokerSpec(SpecBase):
    delivery: DeliverySpec | None = None


class _TriggerSpec(SpecBase):
    subscriber: Destination
    broker: str = ""
    filter: _Filter | None = None
    filters: list[FilterSpec] | None = None
    delivery: DeliverySpec | None = None


class _Overrides(SpecBase):
    extensions: dict[str, str] | None = None


class _PingSpec(SpecBase):
    sink: Destination
    schedule: str = EVERY_MINUTE
    timezone: str = "UTC"
    content_type: str = ""
    data: str = ""
    data_base64: str = ""
    ce_overrides: _Overrides | None = None


class _Object(SpecBase):
    metadata: _Metadata
    spec: dict[str, Any] = {}
    api_version: str = ""
    kind: str = ""


S = TypeVar("S", bound=SpecBase)


def parse_broker(body: bytes, namespace: str) -> Broker:
    """Read a Broker.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = read_object(body, namespace, "Broker", EVENTING, _BrokerSpec)
    delivery = read_delivery(spec.delivery, "spec.delivery", space)
    return Broker(name, space, manifest, delivery or BROKERS_OWN)


def parse_trigger(body: bytes, namespace: str) -> Trigger:
    """Read a Trigger.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = read_object(body, namespace, "Trigger", EVENTING, _TriggerSpec)
    if not spec.broker:
        raise Invalid("missing field(s): spec.broker", "name the broker, e.g. default")
    by_attributes = None if spec.filters or spec.filter is None else spec.filter.attributes
    return Trigger(
        name,
        space,
        manifest,
        checked(spec.broker, "spec.broker"),
        read_sink(spec.subscriber, "spec.subscriber", space),
        by_attributes or {},
        read_filters(spec.filters, "spec.filters"),
        read_delivery(spec.delivery, "spec.delivery", space),
    )


def parse_ping(body: bytes, namespace: str) -> PingSource:
    """Read a PingSource (its schedule is checked by who runs it).

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = read_object(body, namespace, "PingSource", SOURCES, _PingSpec)
    return PingSource(
        name,
        space,
        manifest,
        spec.schedule or EVERY_MINUTE,
        read_sink(spec.sink, "spec.sink", space),
        _zone(spec.timezone),
        spec.content_type,
        _data(spec),
        _extensions(spec.ce_overrides),
    )


def _zone(name: str) -> str:
    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError) as error:  # unknown, no name of a file, or a folder's
        raise Invalid(
            f"timezone: there is none called {name[:80]!r}", "e.g. Europe/Berlin"
        ) from error
    return name or "UTC"


def _data(spec: _PingSpec) -> bytes:
    if spec.data and spec.data_base64:
        raise Invalid("data and dataBase64 are both given", "give one of them")
    try:
        return base64.b64decode(spec.data_base64, validate=True) or spec.data.encode()
    except ValueError as error:  # binascii's own, or for letters beyond ASCII
        raise Invalid(f"dataBase64: {error}", "encode it, or use data") from error


def _extensions(overrides: _Overrides | None) -> dict[str, str]:
    extensions = (overrides.extensions if overrides else None) or {}
    for name in extensions:
        if not _EXTENSION.fullmatch(name):
            raise Invalid(f"spec.ceOverrides.extensions: {name!r}", "use a-z and 0-9 alone")
        if name in _ATTRIBUTES:
            raise Invalid(
                f"spec.ceOverrides.extensions: {name!r} is an attribute of every event",
                "an extension has a name of its own",
            )
    return extensions


def read_object(
    body: bytes, namespace: str, kind: str, version: str, spec_type: type[S]
) -> tuple[dict[str, Any], str, str, S]:
    """Return an object's manifest, name, namespace and spec.

    Args:
        body: The object as JSON.
        namespace: Of its address.
        kind: What it must be.
        version: Of which API.
        spec_type: What its spec is read into.

    Raises:
        Invalid: It is none, or is meant for another namespace.
    """
    try:
        manifest = msgspec.json.decode(body, type=dict[str, Any])
        found = msgspec.convert(manifest, _Object)
        if (found.api_version, found.kind) != (version, kind):
            raise Invalid(f"{found.api_version} {found.kind} is not a {kind}", f"send {version}")
        spec = msgspec.convert(found.spec, spec_type)
    except UNREADABLE as error:
        raise Invalid(
            f"the {kind} cannot be read: {error}", "compare with infra/knative/eventing/"
        ) from error
    name = checked(found.metadata.name, "metadata.name")
    space = checked(canonical(found.metadata.namespace or namespace), "metadata.namespace")
    if space != canonical(namespace):
        raise Invalid(
            f"metadata.namespace differs from the address ({namespace!r})", "make them the same"
        )
    return manifest, name, space, spec
