"""How an alias's calls are shared out among versions, and what replicas count of it.

`models` writes the first beside the alias (`registration.Model.traffic`), prediction goes by it,
and tells `models` of what came of it.
"""

import datetime as dt
from typing import Annotated, Literal

import msgspec

PERCENT = 100
MOST_SHARES = 5
MOST_SHADOWS = 3
COUNTS = "counts"
"""Where below an alias's traffic replicas tell what they counted."""

Share = Annotated[int, msgspec.Meta(ge=1, le=PERCENT)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Spread = Literal["callers", "calls"]
"""Whether a caller who names no key of stickiness sticks to a version, or each call falls anew."""


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a challenger may go, before the traffic ends by itself.

    Attributes:
        errors: the share of its calls that may fail.
        latency: how many times as long as the champion's its median may be.
        least_calls: of it, before which nothing is decided.
    """

    errors: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.02
    latency: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 1.5
    least_calls: Annotated[int, msgspec.Meta(ge=20, le=1_000_000)] = 200


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """How the calls of an alias are shared out, as long as it names the same version.

    Attributes:
        id: of this very traffic; what was counted of another one says nothing of it.
        champion: the version that the alias names.
        shares: version → percent of the calls; the champion is among them.
        shadows: versions that answer behind the callers' backs, for comparison.
        slots: [100], the version of each hundredth of the callers.
        bounds: what ends it by itself.
        spread: what becomes of calls that name no key of stickiness.
        reason: why, in its author's words.
        by: who wanted it.
        at: since when.
    """

    id: str
    champion: int
    shares: dict[int, int]
    shadows: list[int]
    slots: list[int]
    bounds: Bounds
    spread: Spread = "callers"
    reason: str = ""
    by: str
    at: dt.datetime

    def has(self, version: int) -> bool:
        """Tell whether it sends anything to a version."""
        return version in self.shares or version in self.shadows


class Tally(msgspec.Struct, omit_defaults=True):
    """What came of calls to one version; tallies of one traffic add up.

    Attributes:
        calls: that it was to answer.
        errors: those that failed.
        times: of the others, by class of size and duration (`kit.contract.telemetry.durations`).
        compared: rows whose answers were held against the other side's.
        agreed: those of them with the same label.
        apart: the sum of their distances: of probabilities half the sum of the differences, of
            values the difference.
        dropped: rows that were not compared, for there was no time.
    """

    calls: Count = 0
    errors: Count = 0
    times: dict[int, Count] = {}
    compared: Count = 0
    agreed: Count = 0
    apart: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    dropped: Count = 0

    def add(self, other: "Tally") -> None:
        """Add another tally to it."""
        for name in ("calls", "errors", "compared", "agreed", "apart", "dropped"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for key, count in other.times.items():
            self.times[key] = self.times.get(key, 0) + count


Tallies = dict[int, Tally]
"""By version."""


class Counted(msgspec.Struct, forbid_unknown_fields=True):
    """What one replica counted of one traffic since it last told.

    Attributes:
        replica: whose.
        number: of what it tells of this traffic, from 1; what is told again has the same.
        traffic: the id.
        tallies: of the versions.
    """

    replica: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    number: Annotated[int, msgspec.Meta(ge=1)]
    traffic: Annotated[str, msgspec.Meta(max_length=64)]
    tallies: Annotated[Tallies, msgspec.Meta(max_length=MOST_SHARES + MOST_SHADOWS)]


def counts_path(model: str, alias: str) -> str:
    """Return the path at which `models` is told."""
    return f"/models/{model}/aliases/{alias}/traffic/{COUNTS}"
