"""Knative Eventing objects: Broker, Trigger and PingSource."""

import base64
import re
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.model.addresses import AddressError, read_url
from emulators.gateway.specs.event_filters import EventFilter, FilterSpec, read_filters
from emulators.gateway.specs.names import canonical, checked

EVENTING = "eventing.knative.dev/v1"
SOURCES = "sources.knative.dev/v1"
_DURATION = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
MOST_RETRIES = 1000


class Sink(msgspec.Struct, frozen=True):
    """Where events go: a function, a broker, or an address.

    Attributes:
        path: Of a function, where on it; of an address, the whole of it.
    """

    kind: Literal["service", "broker", "uri"]
    name: str = ""
    namespace: str = ""
    path: str = "/"

    def __str__(self) -> str:
        if self.kind == "uri":
            return self.path
        path = self.path if self.kind == "service" else f"/{self.namespace}/{self.name}"
        host = f"{self.name}.{self.namespace}" if self.kind == "service" else "broker-ingress"
        return f"http://{host}.localhost{path}"


class Delivery(msgspec.Struct, frozen=True):
    """What happens when an event is not taken. Times in seconds."""

    retry: int = 10
    policy: Literal["exponential", "linear"] = "exponential"
    delay: float = 0.2
    dead_letter: Sink | None = None


class Broker(msgspec.Struct, frozen=True):
    """Takes events and hands them to its triggers."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    delivery: Delivery = Delivery()


class Trigger(msgspec.Struct, frozen=True):
    """Gives a broker's events that pass its filter to a subscriber."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    broker: str
    subscriber: Sink
    wanted: dict[str, str] = {}
    filters: tuple[EventFilter, ...] = ()  # where there are any, `wanted` counts for nothing
    delivery: Delivery | None = None  # None: the broker's


class PingSource(msgspec.Struct, frozen=True):
    """Sends an event at the times of a schedule."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    schedule: str
    sink: Sink
    timezone: str = "UTC"
    content_type: str = ""
    data: bytes = b""


class _Base(msgspec.Struct, rename="camel"):
    pass


class _Metadata(_Base):
    name: str = ""
    namespace: str = ""


class _Ref(_Base):
    kind: str
    name: str
    namespace: str = ""
    api_version: str = ""


class _Destination(_Base):
    ref: _Ref | None = None
    uri: str = ""


class _DeliverySpec(_Base):
    retry: int = 10
    backoff_policy: Literal["exponential", "linear"] = "exponential"
    backoff_delay: str = "PT0.2S"
    dead_letter_sink: _Destination | None = None


class _Filter(_Base):
    attributes: dict[str, str] = {}


class _BrokerSpec(_Base):
    delivery: _DeliverySpec | None = None


class _TriggerSpec(_Base):
    subscriber: _Destination
    broker: str = "default"
    filter: _Filter | None = None
    filters: list[FilterSpec] | None = None
    delivery: _DeliverySpec | None = None


class _PingSpec(_Base):
    schedule: str
    sink: _Destination
    timezone: str = "UTC"
    content_type: str = ""
    data: str = ""
    data_base64: str = ""


class _Object(_Base):
    metadata: _Metadata
    spec: dict[str, Any] = {}
    api_version: str = ""
    kind: str = ""


S = TypeVar("S", bound=_Base)


def parse_broker(body: bytes, namespace: str) -> Broker:
    """Read a Broker.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = _object(body, namespace, "Broker", EVENTING, _BrokerSpec)
    return Broker(name, space, manifest, _delivery(spec.delivery, space) or Delivery())


def parse_trigger(body: bytes, namespace: str) -> Trigger:
    """Read a Trigger.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = _object(body, namespace, "Trigger", EVENTING, _TriggerSpec)
    return Trigger(
        name,
        space,
        manifest,
        checked(spec.broker, "spec.broker"),
        _sink(spec.subscriber, "spec.subscriber", space),
        spec.filter.attributes if spec.filter else {},
        read_filters(spec.filters, "spec.filters"),
        _delivery(spec.delivery, space),
    )


def parse_ping(body: bytes, namespace: str) -> PingSource:
    """Read a PingSource (its schedule is checked by who runs it).

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = _object(body, namespace, "PingSource", SOURCES, _PingSpec)
    try:
        ZoneInfo(spec.timezone)
    except (KeyError, ValueError, OSError) as error:  # unknown, no name of a file, or a folder's
        raise Invalid(
            f"timezone: there is none called {spec.timezone[:80]!r}", "e.g. Europe/Berlin"
        ) from error
    if spec.data and spec.data_base64:
        raise Invalid("data and dataBase64 are both given", "give one of them")
    try:
        data = base64.b64decode(spec.data_base64, validate=True) or spec.data.encode()
    except ValueError as error:  # binascii's own, or for letters beyond ASCII
        raise Invalid(f"dataBase64: {error}", "encode it, or use data") from error
    kind = spec.content_type or ("application/json" if data else "")
    sink = _sink(spec.sink, "spec.sink", space)
    return PingSource(name, space, manifest, spec.schedule, sink, spec.timezone, kind, data)


def _object(
    body: bytes, namespace: str, kind: str, version: str, spec_type: type[S]
) -> tuple[dict[str, Any], str, str, S]:
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


def _delivery(spec: _DeliverySpec | None, namespace: str) -> Delivery | None:
    if spec is None:
        return None
    if not 0 <= spec.retry <= MOST_RETRIES:
        raise Invalid(f"delivery.retry: {spec.retry} is out of range", f"give 0 to {MOST_RETRIES}")
    sink = spec.dead_letter_sink
    return Delivery(
        spec.retry,
        spec.backoff_policy,
        iso_seconds(spec.backoff_delay, "delivery.backoffDelay"),
        _sink(sink, "delivery.deadLetterSink", namespace) if sink else None,
    )


def _sink(spec: _Destination, field: str, namespace: str) -> Sink:
    ref = spec.ref
    if ref is None:
        try:
            read_url(spec.uri)
        except AddressError as error:
            raise Invalid(f"{field}: {error}", "give ref, or uri: http://...") from error
        return Sink("uri", path=spec.uri)
    space = canonical(ref.namespace or namespace)
    checked(ref.name, f"{field}.ref.name")
    if ref.kind == "Broker":
        return Sink("broker", ref.name, space)
    if ref.kind == "Service":
        return Sink("service", ref.name, space, spec.uri or "/")
    raise Invalid(f"{field}.ref.kind: {ref.kind!r}", "use Service or Broker, or uri")


def iso_seconds(text: str, field: str) -> float:
    """Return an ISO 8601 duration (``PT0.2S``, ``PT1M``) in seconds.

    Raises:
        Invalid: Naming the field and the form.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Invalid(f"{field}: {text!r} is no duration", "write e.g. PT0.5S, PT2M")
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest
