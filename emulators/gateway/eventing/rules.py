"""What becomes of an event at a broker, and of one that is not taken (pure)."""

import base64
import re

from emulators.gateway.eventing.event import Event
from emulators.gateway.model.backoff import Backoff
from emulators.gateway.specs.event_delivery import Delivery

RETRIED = frozenset((404, 408, 409, 429))
TTL = "knativebrokerttl"  # how often an event, and what comes of it, may still enter a broker
ARRIVAL = "knativearrivaltime"
MOST_ROUNDS = 255
_MOST_ENTRIES = 255
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_ERROR_LENGTH = 1024  # of the answer, encoded
_LONGEST_WAIT = 3600.0


def enters(event: Event) -> Event | None:
    """Return an event as it enters a broker, with what is left of its time to live; None: nothing.

    A loop of replies ends so.
    """
    given = event.attributes.get(TTL, "")
    left = int(given) - 1 if _WHOLE.fullmatch(given) else _MOST_ENTRIES
    return event.extended(**{TTL: str(left)}) if left > 0 else None


def replied(event: Event, to: Event) -> Event:
    """Return a reply, which has of its time to live what the event had that it answers."""
    left = to.attributes.get(TTL)
    return event.extended(**{TTL: left}) if left else event.without(TTL)


def should_retry(delivery: Delivery, status: int, attempt: int) -> bool:
    """Tell whether one more attempt follows.

    Args:
        delivery: The trigger's settings.
        status: What the subscriber answered; 0 when it could not be reached.
        attempt: Attempts made so far, the first being 1.
    """
    return attempt <= delivery.retry and (status == 0 or status in RETRIED or status >= 500)


def wait_before(delivery: Delivery, attempt: int) -> float:
    """Return the seconds between attempt number ``attempt`` and the next.

    Knative counts from nothing: the first wait of the linear policy is none.
    """
    if delivery.policy == "linear":
        return min(delivery.delay * (attempt - 1), _LONGEST_WAIT)
    return Backoff(delivery.delay, _LONGEST_WAIT).after(attempt)


def dead_letter(event: Event, destination: str, status: int, answer: bytes) -> Event:
    """Return the event as it goes to the dead-letter sink: with where it failed, and how.

    Args:
        event: What was not taken.
        destination: Who did not take it.
        status: What it answered; 0 when it could not be reached, which is told as 500.
        answer: The body of its answer, or why there is none.
    """
    told = {"knativeerrordest": destination, "knativeerrorcode": str(status or 500)}
    if answer:
        told["knativeerrordata"] = base64.b64encode(answer).decode()[:_ERROR_LENGTH]
    return event.extended(**{name: text for name, text in told.items() if not _has(event, name)})


def _has(event: Event, name: str) -> bool:
    return bool(event.attributes.get(name))
