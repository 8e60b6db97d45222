"""Knative's channels and subscriptions, and Sequences, which are made of both."""

from typing import Any

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.routing import CHANNEL
from emulators.gateway.specs.event_delivery import Delivery, DeliverySpec, read_delivery
from emulators.gateway.specs.eventing import SpecBase, read_object
from emulators.gateway.specs.names import checked
from emulators.gateway.specs.sinks import Destination, Ref, Sink, read_sink, step_name

MESSAGING = "messaging.knative.dev/v1"
FLOWS = "flows.knative.dev/v1"
_LONGEST = 63 - len(CHANNEL)  # of a name that is the first label of a host


class InMemoryChannel(msgspec.Struct, frozen=True):
    """Takes events and hands each to all of its subscriptions.

    Attributes:
        delivery: That of subscriptions which say nothing; None: nothing is tried again.
    """

    name: str
    namespace: str
    manifest: dict[str, Any]
    delivery: Delivery | None = None


class Channel(msgspec.Struct, frozen=True):
    """Has an InMemoryChannel of its own name and delivery made."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    delivery: Delivery | None = None


class Subscription(msgspec.Struct, frozen=True):
    """Gives a channel's events to a subscriber, and what that one answers to `reply`.

    Attributes:
        channel: Name of the channel, in the same namespace.
        delivery: None for the channel's.
    """

    name: str
    namespace: str
    manifest: dict[str, Any]
    channel: str
    subscriber: Sink
    reply: Sink | None = None
    delivery: Delivery | None = None


class Step(msgspec.Struct, frozen=True):
    """One subscriber of a Sequence."""

    subscriber: Sink
    delivery: Delivery | None = None


class Sequence(msgspec.Struct, frozen=True):
    """Has an event go through subscribers one by one, each of which gets the last one's answer."""

    name: str
    namespace: str
    manifest: dict[str, Any]
    steps: tuple[Step, ...]
    reply: Sink | None = None


class _ChannelSpec(SpecBase):
    delivery: DeliverySpec | None = None


class _SubscriptionSpec(SpecBase):
    channel: Ref
    subscriber: Destination
    reply: Destination | None = None
    delivery: DeliverySpec | None = None


class _StepSpec(SpecBase):
    ref: Ref | None = None
    uri: str | None = None
    delivery: DeliverySpec | None = None


class _SequenceSpec(SpecBase):
    steps: list[_StepSpec]
    reply: Destination | None = None


def parse_channel(body: bytes, namespace: str) -> Channel:
    """Read a Channel.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    return Channel(*_channel(body, namespace, "Channel"))


def parse_in_memory_channel(body: bytes, namespace: str) -> InMemoryChannel:
    """Read an InMemoryChannel.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    return InMemoryChannel(*_channel(body, namespace, "InMemoryChannel"))


def parse_subscription(body: bytes, namespace: str) -> Subscription:
    """Read a Subscription.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = read_object(
        body, namespace, "Subscription", MESSAGING, _SubscriptionSpec
    )
    kind = f"{spec.channel.api_version} {spec.channel.kind}"
    if kind not in (f"{MESSAGING} Channel", f"{MESSAGING} InMemoryChannel"):
        raise Invalid(
            f"spec.channel: {kind} is no kind of channel here", f"use {MESSAGING} Channel"
        )
    return Subscription(
        name,
        space,
        manifest,
        checked(spec.channel.name, "spec.channel.name"),
        read_sink(spec.subscriber, "spec.subscriber", space),
        _reply(spec.reply, space),
        read_delivery(spec.delivery, "spec.delivery", space),
    )


def parse_sequence(body: bytes, namespace: str) -> Sequence:
    """Read a Sequence.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    manifest, name, space, spec = read_object(body, namespace, "Sequence", FLOWS, _SequenceSpec)
    _check_length(step_name(name, len(spec.steps) - 1))
    steps = tuple(
        Step(
            read_sink(Destination(step.ref, step.uri), f"spec.steps[{at}]", space),
            read_delivery(step.delivery, f"spec.steps[{at}].delivery", space),
        )
        for at, step in enumerate(spec.steps)
    )
    return Sequence(name, space, manifest, steps, _reply(spec.reply, space))


def _channel(
    body: bytes, namespace: str, kind: str
) -> tuple[str, str, dict[str, Any], Delivery | None]:
    manifest, name, space, spec = read_object(body, namespace, kind, MESSAGING, _ChannelSpec)
    _check_length(name)
    return name, space, manifest, read_delivery(spec.delivery, "spec.delivery", space)


def _check_length(channel: str) -> None:
    if len(channel) > _LONGEST:
        raise Invalid(
            f"metadata.name: a channel would be called {channel!r}, whose host is too long",
            f"use a shorter name: a channel's has up to {_LONGEST} letters",
        )


def _reply(spec: Destination | None, namespace: str) -> Sink | None:
    nowhere = spec is None or (spec.ref is None and not spec.uri)
    return None if spec is None or nowhere else read_sink(spec, "spec.reply", namespace)
