"""Which members of an ensemble can be fitted again within the time that there is."""

from collections.abc import Mapping

Weights = dict[int, float]


def affordable(weights: Weights, seconds: Mapping[int, float], most: float) -> Weights:
    """Return the members that are fitted within `most` seconds, with weights that sum to 1.

    The heaviest is always among them; another one is left out where it would take too long.

    Args:
        weights: of the members, by candidate.
        seconds: what fitting each takes, about.
        most: seconds for all together.
    """
    heaviest, *others = sorted(weights, key=lambda one: (-weights[one], one))
    kept, left = {heaviest: weights[heaviest]}, most - seconds[heaviest]
    for one in others:
        if seconds[one] <= left:
            kept[one] = weights[one]
            left -= seconds[one]
    total = sum(kept.values())
    return {one: weight / total for one, weight in kept.items()}
