"""Where the line between two classes may be drawn, and what that costs."""

from collections.abc import Sequence
from typing import NamedTuple

from web.client.evaluation_schemas import Counts
from web.client.schemas import Evaluation, Signature


class Line(NamedTuple):
    """A line that is drawn somewhere, and what follows.

    Attributes:
        place: of the threshold among those that there are.
        at: the counts there.
        missed: what a missed positive costs.
        alarm: what a false alarm costs.
        cheapest: the place where both together cost least.
    """

    place: int
    at: Counts
    missed: float
    alarm: float
    cheapest: int

    @property
    def cost(self) -> float:
        """What its errors cost together."""
        return cost(self.at, self.missed, self.alarm)

    @property
    def right(self) -> int:
        """How many rows it calls what they are."""
        return self.at.hits + self.at.rightly_not


def cost(counts: Counts, missed: float, alarm: float) -> float:
    """Return what a threshold's errors cost together."""
    return counts.missed * missed + counts.false_alarms * alarm


def line(
    evaluation: Evaluation,
    signature: Signature | None,
    place: int | None,
    missed: float = 1.0,
    alarm: float = 1.0,
) -> Line | None:
    """Return the line at a place, or where the version has its own; None where there are none."""
    there = evaluation.thresholds
    if not there:
        return None
    if place is None:
        place = nearest(there, own(signature))
    place = min(max(place, 0), len(there) - 1)
    costs = [cost(one, missed, alarm) for one in there]
    return Line(place, there[place], missed, alarm, costs.index(min(costs)))


def own(signature: Signature | None) -> float:
    """Return the version's own threshold: the likelier label wins where none was chosen."""
    stored = signature.threshold if signature else None
    return 0.5 if stored is None else stored


def nearest(there: Sequence[Counts], threshold: float) -> int:
    """Return the place of the threshold that is closest to one."""
    return min(range(len(there)), key=lambda one: abs(there[one].threshold - threshold))
