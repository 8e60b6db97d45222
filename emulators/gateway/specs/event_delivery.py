"""What happens when an event is not taken: ``spec.delivery`` of brokers and triggers."""

import re
from typing import Literal

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.specs.sinks import Destination, Sink, read_sink

MOST_RETRIES = 2**31 - 1
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?=.)(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_UNITS = (7 * 86400, 86400, 3600, 60, 1)

Policy = Literal["exponential", "linear"]
Format = Literal["json", "binary"]


class Delivery(msgspec.Struct, frozen=True):
    """How often an event is offered, and how. Times in seconds.

    Attributes:
        retry: Attempts after the first one.
        timeout: Of one attempt; None for the subscriber's own.
        format: Mode of the HTTP binding: ``json`` is the structured one.
    """

    retry: int = 0
    policy: Policy = "exponential"
    delay: float = 0.0
    dead_letter: Sink | None = None
    timeout: float | None = None
    format: Format = "binary"


# Knative's own, where a Broker says nothing of its delivery (config-br-defaults).
BROKERS_OWN = Delivery(10, "exponential", 0.2)
# As its PingSource sends to a sink that is no broker.
PINGS_OWN = Delivery(5, "exponential", 0.05)


class DeliverySpec(msgspec.Struct, rename="camel"):
    """Delivery as deploy files have it."""

    retry: int | None = None
    backoff_policy: Policy | None = None
    backoff_delay: str | None = None
    dead_letter_sink: Destination | None = None
    timeout: str | None = None
    format: Format | None = None


def read_delivery(spec: DeliverySpec | None, field: str, namespace: str) -> Delivery | None:
    """Read how events are delivered; None where nothing is said.

    As in Knative, what is left out of a delivery that says something else has no default: nothing
    is tried again without ``retry``, and at once without a policy and a delay.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    if spec is None:
        return None
    retry, sink = spec.retry or 0, spec.dead_letter_sink
    if not 0 <= retry <= MOST_RETRIES:
        raise Invalid(f"{field}.retry: {retry} is out of range", f"give 0 to {MOST_RETRIES}")
    delay = iso_seconds(spec.backoff_delay, f"{field}.backoffDelay") if spec.backoff_delay else 0.0
    return Delivery(
        retry,
        spec.backoff_policy or "exponential",
        delay if spec.backoff_policy else 0.0,
        read_sink(sink, f"{field}.deadLetterSink", namespace) if sink else None,
        _timeout(spec.timeout, f"{field}.timeout"),
        spec.format or "binary",
    )


def _timeout(text: str | None, field: str) -> float | None:
    if text is None:
        return None
    seconds = iso_seconds(text, field)
    if not seconds:
        raise Invalid(f"{field}: {text!r} leaves no time", "give more than PT0S, or leave it out")
    return seconds


def iso_seconds(text: str, field: str) -> float:
    """Return an ISO 8601 duration (``PT0.2S``, ``PT1M``, ``P1D``) in seconds.

    Raises:
        Invalid: Naming the field and the form.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Invalid(f"{field}: {text!r} is no duration", "write e.g. PT0.5S, PT2M")
    parts = zip(match.groups(), _UNITS, strict=True)
    return sum(float((part or "0").replace(",", ".")) * unit for part, unit in parts)
