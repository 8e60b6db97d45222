"""How many users there are at a moment: a shape of load. Needs nothing but Python."""

import math

NAMES = ("steady", "ramp", "soak")
STAIRS = 5
WARM_SHARE = 0.1  # of a soak, in which users come


def users_at(shape: str, now: float, seconds: float, most: int) -> int | None:
    """Return how many users are wanted, or None when it is over.

    Args:
        shape: `steady` has all at once, `ramp` a few more at each of five stairs, `soak` all for as
            long as it lasts, after a slow beginning.
        now: Seconds since it began.
        seconds: How long it is to last.
        most: Users at the most.
    """
    if now >= seconds:
        return None
    if shape == "ramp":
        return max(1, math.ceil(most * (math.floor(now / seconds * STAIRS) + 1) / STAIRS))
    if shape == "soak":
        return max(1, min(most, math.ceil(most * now / (seconds * WARM_SHARE))))
    return most
