"""When an asynchronous call is tried again (pure)."""

import random

from emulators.gateway.specs.revision import Retry

JITTER = 0.2
HONOURS_RETRY_AFTER = (429, 503)


def should_retry(policy: Retry, status: int, attempt: int) -> bool:
    """Whether an answer calls for one more attempt.

    Args:
        policy: The function's policy.
        status: The answer's status.
        attempt: Attempts made so far, the first being 1.
    """
    return attempt < policy.attempts and status in policy.codes


def wait_before(
    policy: Retry, status: int, attempt: int, retry_after: str | None, jitter: float | None = None
) -> float:
    """Seconds to wait after attempt number ``attempt``.

    Args:
        policy: The function's policy.
        status: The answer's status.
        attempt: Attempts made so far, the first being 1.
        retry_after: The answer's ``Retry-After`` in seconds, if any; obeyed on 429 and 503.
        jitter: Where in the jitter's range to fall, 0 to 1; drawn when left out.
    """
    if status in HONOURS_RETRY_AFTER and retry_after and retry_after.isdigit():
        return float(retry_after)
    wait = min(policy.min_wait * 2.0 ** min(attempt - 1, 60), policy.max_wait)
    drawn = random.random() if jitter is None else jitter  # noqa: S311 (spreads load, no secret)
    return wait * (1 - JITTER + 2 * JITTER * drawn)
