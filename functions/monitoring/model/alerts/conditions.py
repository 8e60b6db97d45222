"""When a window is out of order: conditions of rules, as documents."""

import math
from typing import Annotated, NamedTuple

import msgspec

from functions.monitoring.model.windows.measures import Point

Margin = Annotated[float, msgspec.Meta(ge=0)]


class Training(NamedTuple):
    """What a measure was in training: the value, and 1 where more is better, else -1."""

    value: float
    direction: int


class Above(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="when", tag="above"):
    """More than `value`."""

    value: float

    def is_broken(self, point: Point, _: Training | None) -> bool | None:
        """Tell whether a window is out of order; None where that cannot be told."""
        return None if point.value is None else point.value > self.value

    @property
    def told(self) -> str:
        """The condition in words."""
        return f"above {self.value:g}"


class Below(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="when", tag="below"):
    """Less than `value`."""

    value: float

    def is_broken(self, point: Point, _: Training | None) -> bool | None:
        """See Above."""
        return None if point.value is None else point.value < self.value

    @property
    def told(self) -> str:
        """See Above."""
        return f"below {self.value:g}"


class Outside(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="when", tag="outside"
):
    """Out of a band; without `low` and `high`, of the one that the window itself comes with."""

    low: float | None = None
    high: float | None = None

    def is_broken(self, point: Point, _: Training | None) -> bool | None:
        """See Above."""
        own = self.low is None and self.high is None
        low, high = (point.low, point.high) if own else (self.low, self.high)
        if point.value is None or (low is None and high is None):
            return None
        return (low is not None and point.value < low) or (high is not None and point.value > high)

    @property
    def told(self) -> str:
        """See Above."""
        if self.low is None and self.high is None:
            return "outside its usual band"
        low = "" if self.low is None else f"{self.low:g}"
        return f"outside {low}…{'' if self.high is None else f'{self.high:g}'}"


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="when", tag="alarm"):
    """Called out of order by the statistics of the window itself."""

    def is_broken(self, point: Point, _: Training | None) -> bool | None:
        """See Above."""
        return None if point.value is None else point.alarm

    @property
    def told(self) -> str:
        """See Above."""
        return "more than chance explains"


class Worse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="when", tag="worse"):
    """Worse than in training by more than `margin`, in the measure's unit; `relative`: of it."""

    margin: Margin
    relative: bool = False

    def is_broken(self, point: Point, training: Training | None) -> bool | None:
        """See Above."""
        if point.value is None or training is None:
            return None
        margin = self.margin * abs(training.value) if self.relative else self.margin
        return (training.value - point.value) * training.direction > margin

    @property
    def told(self) -> str:
        """See Above."""
        by = f"{self.margin * 100:g} %" if self.relative else f"{self.margin:g}"
        return f"worse than in training by more than {by}"


Condition = Above | Below | Outside | Alarm | Worse


def flaw_of(condition: Condition) -> str | None:
    """Return what is wrong with a condition by itself, or None."""
    numbers = msgspec.structs.asdict(condition).values()
    if any(isinstance(one, float) and not math.isfinite(one) for one in numbers):
        return "Expected finite numbers"
    if not isinstance(condition, Outside) or condition.low is None or condition.high is None:
        return None
    if condition.low < condition.high:
        return None
    return f"Expected `low` below `high`, got {condition.low:g} and {condition.high:g}"
