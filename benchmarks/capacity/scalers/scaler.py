"""What the simulation asks of a rule."""

from typing import NamedTuple, Protocol


class Seen(NamedTuple):
    """What a scaler sees at a moment.

    Attributes:
        concurrency: Mean of requests held since it looked last, over all replicas.
        rate: Requests that came in a second.
        answered: Requests answered so far.
        held: Requests held now.
        ready: Replicas that answer.
        starting: Replicas on their way.
    """

    concurrency: float
    rate: float
    answered: int
    held: int
    ready: int
    starting: int


class Scaler(Protocol):
    """Decides how many replicas are wanted.

    Attributes:
        every: Seconds between two looks.
        least: Replicas that there always are.
    """

    every: float
    least: int

    def wake(self, now: float, seen: Seen) -> int:
        """Return how many are wanted at once: a request waits that no replica was given."""

    def look(self, now: float, seen: Seen) -> int:
        """Return how many are wanted."""
