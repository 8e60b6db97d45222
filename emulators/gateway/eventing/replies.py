"""What a subscriber's 2xx means: nothing, an event for who asked, or a failure (pure)."""

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.eventing.event import Event, mode_of, read
from emulators.gateway.model.queued_call import Outcome

_NO_EVENT = 502  # what Knative's broker makes of a 2xx whose body is no event


def judged(outcome: Outcome, *, strict: bool = True) -> tuple[Outcome, Event | None]:
    """Return an answer as what it means for the event, and the reply in it.

    Args:
        outcome: The answer.
        strict: Whether a body that is no event is a failure, as brokers take it; channels leave
            it aside.
    """
    if not 200 <= outcome.status < 300:
        return outcome, None
    try:
        return outcome, reply_in(outcome, strict=strict)
    except Invalid as error:
        return msgspec.structs.replace(outcome, status=_NO_EVENT, error=error.message), None


def reply_in(outcome: Outcome, *, strict: bool = True) -> Event | None:
    """Return the event in an answer, None when the answer is empty.

    Whether the event has all that it must have is said by who takes it.

    Raises:
        Invalid: The answer is neither: its event was not taken.
    """
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in outcome.headers}
    if mode_of(headers) is not None:
        return read(headers, outcome.body)
    if outcome.body and strict:
        raise Invalid(
            "received a non-empty response not recognized as CloudEvent",
            "answer with an empty body, or with a CloudEvent",
        )
    return None
