"""How fast Firestore takes writes that nobody made before."""

from collections.abc import Callable

# Google's advice for new ranges: 500 a second at first, half as many again every five minutes.
FIRST, GROWTH, EVERY = 500.0, 1.5, 300.0


def allowed(seconds: float) -> float:
    """Return how many writes may have been made by then, since the first one."""
    whole, rate = 0.0, FIRST
    while seconds > EVERY:
        whole += rate * EVERY
        rate *= GROWTH
        seconds -= EVERY
    return whole + rate * seconds


class Pace:
    """Holds writes back to what is allowed.

    Args:
        now: seconds that only grow.
        sleep: waits for so many seconds.
    """

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._now, self._sleep = now, sleep
        self._begun: float | None = None
        self._made = 0

    def write(self, count: int) -> None:
        """Wait until so many more writes may be made; the first ones never wait."""
        if self._begun is None:
            self._begun = self._now()
        while (over := self._made - allowed(self._now() - self._begun)) > 0:
            self._sleep(over / FIRST)
        self._made += count
