"""What becomes of one that is not taken (pure)."""

import base64

from emulators.gateway.eventing.event import Event
from emulators.gateway.model.backoff import Backoff
from emulators.gateway.specs.eventing import Delivery

RETRIED = frozenset((404, 408, 409, 429))
MOST_HOPS = 255  # replies of replies: an endless loop ends
_ERROR_BYTES = 1024
_LONGEST_WAIT = 3600.0


def should_retry(delivery: Delivery, status: int, attempt: int) -> bool:
    """Tell whether one more attempt follows.

    Args:
        delivery: The trigger's settings.
        status: What the subscriber answered; 0 when it could not be reached.
        attempt: Attempts made so far, the first being 1.
    """
    return attempt <= delivery.retry and (status == 0 or status in RETRIED or status >= 500)


def wait_before(delivery: Delivery, attempt: int) -> float:
    """Return the seconds between attempt number ``attempt`` and the next."""
    if delivery.policy == "linear":
        return min(delivery.delay * attempt, _LONGEST_WAIT)
    return Backoff(delivery.delay, _LONGEST_WAIT).after(attempt)


def dead_letter(event: Event, destination: str, status: int, answer: bytes) -> Event:
    """Return the event as it goes to the dead-letter sink: with where it failed, and how."""
    extensions = {"knativeerrordest": destination, "knativeerrorcode": str(status)}
    if answer:
        extensions["knativeerrordata"] = base64.b64encode(answer[:_ERROR_BYTES]).decode()
    return event.extended(**extensions)
