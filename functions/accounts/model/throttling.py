"""How often something may be tried: a burst at once, then one try in so many seconds.

It is the generic cell rate algorithm: all that is kept is one moment, at which everything that was
spent has come back. Time alone forgives, so nobody is shut out for good.
"""

from typing import NamedTuple


class Rate(NamedTuple):
    """`burst` tries at once; one comes back every `every` seconds."""

    burst: int
    every: float


def wait(rate: Rate, full_at: float, now: float) -> float:
    """Return the seconds until a try is allowed; 0 when it is now."""
    return max(0.0, spend(rate, full_at, now) - rate.burst * rate.every - now)


def spend(rate: Rate, full_at: float, now: float) -> float:
    """Return the moment at which all is back after one more try."""
    return max(full_at, now) + rate.every
