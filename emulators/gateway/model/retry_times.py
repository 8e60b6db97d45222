"""When an asynchronous call is tried again (pure)."""

import random
import time
from email.utils import parsedate_to_datetime

from emulators.gateway.model.backoff import Backoff
from emulators.gateway.model.revision import Retry

JITTER = 0.2
HONOURS_RETRY_AFTER = (429, 503)
LONGEST_WAIT = 24 * 3600.0  # whatever an answer or an annotation says


def should_retry(policy: Retry, status: int, attempt: int) -> bool:
    """Tell whether an answer calls for one more attempt.

    Args:
        policy: The function's policy.
        status: The answer's status.
        attempt: Attempts made so far, the first being 1.
    """
    return attempt < policy.attempts and status in policy.codes


def wait_before(
    policy: Retry,
    status: int,
    attempt: int,
    retry_after: str | None,
    jitter: float | None = None,
    now: float | None = None,
) -> float:
    """Return the seconds to wait after attempt number ``attempt``.

    Args:
        policy: The function's policy.
        status: The answer's status.
        attempt: Attempts made so far, the first being 1.
        retry_after: The answer's ``Retry-After`` (seconds, or a date), if any; obeyed on 429, 503.
        jitter: Where in the jitter's range to fall, 0 to 1; drawn when left out.
        now: Unix time; the clock's when left out.
    """
    if status in HONOURS_RETRY_AFTER and retry_after:
        told = _told(retry_after.strip(), time.time() if now is None else now)
        if told is not None:
            return min(told, LONGEST_WAIT)
    wait = Backoff(policy.min_wait, min(policy.max_wait, LONGEST_WAIT)).after(attempt)
    drawn = random.random() if jitter is None else jitter  # noqa: S311 - spreads load, no secret
    return wait * (1 - JITTER + 2 * JITTER * drawn)


def _told(retry_after: str, now: float) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (RFC 9110, 10.2.3), if in either form."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except ValueError:
        return None
