"""One event on its way to one subscriber, as it lies in the queue."""

import hashlib
from typing import Literal

import msgspec

from emulators.gateway.eventing.event import STRUCTURED, Event
from emulators.gateway.eventing.passing import Fields
from emulators.gateway.eventing.rules import TTL
from emulators.gateway.model.messages import read_message
from emulators.gateway.queue.subjects import EVENT_SUBJECT
from emulators.gateway.specs.event_delivery import Delivery
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.sinks import Sink

Key = tuple[str, Literal["trigger", "pingsource", "subscription"], str]  # namespace, kind, name


class Subscription(msgspec.Struct, frozen=True):
    """A durable way to one subscriber.

    Attributes:
        key: Namespace, kind and name of the object it stands for.
        reply: Where answers go; None for nowhere.
        uid: Of the object: one of the same name that comes after it knows nothing of its events.
    """

    key: Key
    subscriber: Sink
    delivery: Delivery
    reply: Sink | None = None
    uid: str = ""

    @property
    def asks(self) -> bool:
        """Whether its subscriber is told that an answer is wanted: a source's is not."""
        return self.key[1] != "pingsource"

    @property
    def subject(self) -> str:
        """Where its events lie."""
        return ".".join((EVENT_SUBJECT, *self.key))

    @property
    def durable(self) -> str:
        """The name of its consumer in JetStream."""
        return "_".join(self.key)

    def sink(self, queued: "Queued") -> Sink | None:
        """Return where an event goes; None for a dead one where no sink is named."""
        if queued.dead:
            return self.delivery.dead_letter
        return self.subscriber if queued.answered is None else self.reply

    def request(self, queued: "Queued") -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Return header fields and body of an attempt."""
        event = queued.event if queued.dead else queued.event.without(TTL)
        fields = [*queued.fields, (b"kn-namespace", knative_view(self.key[0]).encode())]
        if self.asks and queued.answered is None and not queued.dead:
            fields.append((b"prefer", b"reply"))
        if self.delivery.format == "json":
            kind = f"{STRUCTURED}; charset=UTF-8".encode()
            return [*fields, (b"content-type", kind)], event.structured()
        return [*fields, *event.headers()], event.data


class Queued(msgspec.Struct, frozen=True):
    """An event in a subscription.

    Attributes:
        dead: Whether it goes to the dead-letter sink.
        fields: Header fields that go with it.
        answered: The event that this one is the answer to, which goes where answers go.
        rounds: How many channels it went through.
    """

    event: Event
    dead: bool = False
    fields: Fields = ()
    answered: Event | None = None
    rounds: int = 0

    def once(self) -> str:
        """Return what is the same for the same event, so that a repeated one is recognised.

        An event that comes round as a reply is not the same: it has less time to live, or went
        through more channels.
        """
        text = f"{self.event.identity}\n{self.dead}\n{self.event.attributes.get(TTL, '')}"
        text += f"\n{self.rounds}" if self.rounds else ""
        text += f"\nto {self.answered.identity}" if self.answered else ""
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
