"""One event on its way to one subscriber, as it lies in the queue."""

import hashlib
from typing import Literal

import msgspec

from emulators.gateway.eventing.event import Event
from emulators.gateway.model.messages import read_message
from emulators.gateway.queue.subjects import EVENT_SUBJECT
from emulators.gateway.specs.eventing import Delivery, Sink

Key = tuple[str, Literal["trigger", "pingsource"], str]  # namespace, kind, name


class Subscription(msgspec.Struct, frozen=True):
    """A durable way to one subscriber.

    Attributes:
        key: Namespace, kind and name of the object it stands for.
        broker: Name of the broker that replies go to; empty for none.
    """

    key: Key
    subscriber: Sink
    delivery: Delivery
    broker: str = ""

    @property
    def subject(self) -> str:
        """Where its events lie."""
        return ".".join((EVENT_SUBJECT, *self.key))

    @property
    def durable(self) -> str:
        """The name of its consumer in JetStream."""
        return "_".join(self.key)


class Queued(msgspec.Struct, frozen=True):
    """An event in a subscription.

    Attributes:
        hops: How many replies led to it.
        dead: Whether it goes to the dead-letter sink.
    """

    event: Event
    hops: int = 0
    dead: bool = False

    def once(self) -> str:
        """Return what is the same for the same event, so that a repeated one is recognised."""
        text = f"{self.event.identity}\n{self.dead}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Queued)


def encode(queued: Queued) -> bytes:
    """Return the message's bytes."""
    return _encoder.encode(queued)


def decode(data: bytes) -> Queued:
    """Read a message.

    Raises:
        msgspec.DecodeError: When it is none of ours.
    """
    return read_message(_decoder, data)
