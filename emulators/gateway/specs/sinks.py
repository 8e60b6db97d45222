"""Destinations of events: functions, brokers, channels and addresses, as deploy files have them."""

from typing import Literal
from urllib.parse import urljoin, urlsplit

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.addresses import AddressError, read_url
from emulators.gateway.model.routing import BROKER_INGRESS, CHANNEL, plane_name
from emulators.gateway.specs.names import canonical, checked, knative_view

_CLUSTER = ".svc.cluster.local"  # how Knative ends the hosts of what it names by a reference
# What a reference may name. A Knative Service has a Kubernetes Service of its name beside it.
_VERSIONS = {
    "Service": ("", "v1", "serving.knative.dev/v1"),
    "Broker": ("", "eventing.knative.dev/v1"),
    "Channel": ("messaging.knative.dev/v1",),
    "InMemoryChannel": ("messaging.knative.dev/v1",),
    "Sequence": ("flows.knative.dev/v1",),
}


class Sink(msgspec.Struct, frozen=True):
    """Where events go: a function, a broker, a channel, or an address.

    Attributes:
        path: Of a function, where on it; of an address, the whole of it.
    """

    kind: Literal["service", "broker", "channel", "uri"]
    name: str = ""
    namespace: str = ""
    path: str = "/"

    @property
    def uri(self) -> str:
        """The address that it has in a cluster."""
        if self.kind == "uri":
            return self.path
        space = knative_view(self.namespace)
        if self.kind == "broker":
            return f"http://{BROKER_INGRESS}{_CLUSTER}/{space}/{self.name}"
        if self.kind == "channel":
            return f"http://{self.name}{CHANNEL}.{space}{_CLUSTER}"
        return f"http://{self.name}.{space}{_CLUSTER}{self.path if self.path != '/' else ''}"


class Ref(msgspec.Struct, rename="camel"):
    """A reference to an object."""

    kind: str
    name: str
    namespace: str | None = None
    api_version: str = ""


class Destination(msgspec.Struct, rename="camel"):
    """A reference, with an address relative to it if wanted, or an address alone."""

    ref: Ref | None = None
    uri: str | None = None


def read_sink(spec: Destination, field: str, namespace: str) -> Sink:
    """Read a destination.

    Args:
        spec: What the deploy file says.
        field: Where it says so, for errors.
        namespace: That of the object that says it.

    Raises:
        Invalid: Naming the field.
    """
    uri = spec.uri or ""
    if spec.ref is None:
        return _address(uri, field)
    if urlsplit(uri).scheme or uri.startswith("//"):
        raise Invalid(
            f"{field}.uri: {uri!r} is a whole address beside a ref", "leave one of them out"
        )
    return _referred(spec.ref, uri, field, namespace)


def _referred(ref: Ref, uri: str, field: str, namespace: str) -> Sink:
    if ref.api_version not in _VERSIONS.get(ref.kind, ()):
        raise Invalid(
            f"{field}.ref: {ref.api_version} {ref.kind} is no kind of sink here",
            "use a serving.knative.dev/v1 Service, an eventing.knative.dev/v1 Broker, a "
            "messaging.knative.dev/v1 Channel, a flows.knative.dev/v1 Sequence, or uri",
        )
    space = canonical(ref.namespace or namespace)
    checked(ref.name, f"{field}.ref.name")
    if ref.kind == "Broker":
        return Sink("broker", ref.name, space)
    if ref.kind == "Service":
        return Sink("service", ref.name, space, _resolved(uri, field))
    if uri not in ("", "/"):
        raise Invalid(f"{field}.uri: {uri!r} is no place in a channel", "leave it out")
    return Sink("channel", ref.name if ref.kind != "Sequence" else step_name(ref.name, 0), space)


def step_name(sequence: str, step: int) -> str:
    """Return the name of the channel before a step of a Sequence, and of its subscription."""
    return f"{sequence}-kn-sequence-{step}"


def _resolved(uri: str, field: str) -> str:
    """Return path and query of an address that is relative to a function's root."""
    try:
        return read_url(urljoin("http://function/", uri)).path
    except (AddressError, ValueError) as error:
        raise Invalid(f"{field}.uri: {error}", "write e.g. /path") from error


def _address(uri: str, field: str) -> Sink:
    try:
        target = read_url(uri)
    except AddressError as error:
        raise Invalid(f"{field}: {error}", "give ref, or uri: http://...") from error
    return _within(target.host, target.path) or Sink("uri", path=uri)


def _within(host: str, path: str) -> Sink | None:
    """Return what a host of the cluster stands for; no resolver of this machine knows those."""
    name = "" if host.endswith(".localhost") else plane_name(host)
    if name == BROKER_INGRESS:
        parts = path.strip("/").split("/")
        return Sink("broker", parts[1], canonical(parts[0])) if len(parts) == 2 else None
    function, _, space = name.partition(".")
    if function.endswith(CHANNEL):
        channel = Sink("channel", function.removesuffix(CHANNEL), canonical(space))
        return channel if path in ("", "/") else None
    return Sink("service", function, canonical(space), path) if name else None
