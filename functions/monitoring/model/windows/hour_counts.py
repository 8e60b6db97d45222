"""What came of a version in an hour beside predictions, each event once."""

import msgspec

from functions.kit.contract.telemetry.predictions import Counts


class HourCounts(msgspec.Struct, frozen=True, omit_defaults=True):
    """It.

    Attributes:
        minutes: a minute since 1970 → what came in it.
        events: the ids of those that told of it: one that comes again is known.
    """

    minutes: dict[str, Counts] = {}
    events: frozenset[str] = frozenset()

    def plus(self, minute: int, event: str, counts: Counts) -> "HourCounts":
        """Return it with what an event tells; as it is where that is in it."""
        if event in self.events:
            return self
        key = str(minute)
        total = self.minutes.get(key, Counts()).plus(counts)
        return HourCounts(self.minutes | {key: total}, self.events | {event})
