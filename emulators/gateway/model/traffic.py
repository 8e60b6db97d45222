"""How traffic is split over revisions (pure): targets in, shares out, one choice a request."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

WHOLE = 100  # percent


class Target(msgspec.Struct, frozen=True):
    """One entry of a Service's ``traffic``.

    Attributes:
        revision: A revision's name; empty for the newest that is ready.
        percent: Its part of the requests that name no tag.
        tag: Its own host's prefix, empty for none.
    """

    revision: str = ""
    percent: int = 0
    tag: str = ""


class Rollout(msgspec.Struct, frozen=True):
    """A gradual move of the newest revision's part.

    Attributes:
        before: What the part was made of when the move began: revision to weight.
        since: When it began, in seconds.
        duration: How long it takes, in seconds.
    """

    before: dict[str, float]
    since: float
    duration: float

    def over(self, now: float) -> bool:
        """Tell whether all has moved."""
        return now - self.since >= self.duration


class Share(msgspec.Struct, frozen=True):
    """What one revision gets, resolved from one target."""

    revision: str
    percent: int
    tag: str = ""
    latest: bool = False


DEFAULT = (Target(percent=WHOLE),)


def shares(
    targets: Sequence[Target], latest: str, rollout: Rollout | None, now: float
) -> list[Share]:
    """Resolve targets at a moment; the percents sum to what the targets' do.

    Args:
        targets: As the Service says.
        latest: Name of the newest revision that is ready.
        rollout: The move towards it that is under way, if any.
        now: Seconds, on the clock of the rollout.
    """
    found = []
    for target in targets:
        if target.revision:
            found.append(Share(target.revision, target.percent, target.tag))
            continue
        weights = _weights(target.percent, latest, rollout, now)
        parts = apportion(target.percent, weights)
        found.append(Share(latest, parts.pop(latest), target.tag, latest=True))
        found += [Share(name, percent, latest=True) for name, percent in parts.items() if percent]
    return found


def apportion(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Split a whole number by weights, so that the parts sum to it (largest remainders first)."""
    scale = sum(weights.values())
    exact = {name: total * weight / scale for name, weight in weights.items()}
    parts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: parts[name] - exact[name])
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def _weights(percent: int, latest: str, rollout: Rollout | None, now: float) -> Mapping[str, float]:
    """Let the newest revision begin with one percent and gain evenly; the others shrink."""
    if rollout is None or rollout.over(now) or not percent:
        return {latest: 1.0}
    done = max((now - rollout.since) / rollout.duration, min(1.0, 1 / percent))
    before = sum(rollout.before.values())
    weights = {name: (1 - done) * w / before for name, w in rollout.before.items()}
    weights[latest] = weights.get(latest, 0.0) + done
    return weights


K = TypeVar("K")


class Split(Generic[K]):
    """Chooses by weight, evenly: of any 100 choices in a row each gets exactly its percent.

    The smooth weighted round robin of nginx: no chance is involved, and no state but a balance
    for each.

    Args:
        weights: Choices with their percents; those of nought are never chosen.
    """

    def __init__(self, weights: Iterable[tuple[K, int]]) -> None:
        merged: dict[K, int] = {}
        for choice, weight in weights:
            if weight > 0:
                merged[choice] = merged.get(choice, 0) + weight
        self._weights = list(merged.items())
        self._balance = [0] * len(self._weights)
        self._total = sum(merged.values())

    def choices(self) -> list[K]:
        """Return whoever may be chosen."""
        return [choice for choice, _ in self._weights]

    def choose(self) -> K:
        """Return the next choice."""
        if len(self._weights) == 1:
            return self._weights[0][0]
        best = 0
        for at, (_, weight) in enumerate(self._weights):
            self._balance[at] += weight
            if self._balance[at] > self._balance[best]:
                best = at
        self._balance[best] -= self._total
        return self._weights[best][0]
