"""How often a model is not held: Che's approximation, beside a cache that is really kept."""

from collections import OrderedDict

import numpy as np
import pytest

from benchmarks.capacity.caches import misses, popularity


def kept(shares, room, calls):
    """Return the share of calls that a cache of so much room misses, after it has filled."""
    held: OrderedDict[int, None] = OrderedDict()
    missed = 0
    asked = np.random.default_rng(3).choice(len(shares), calls, p=shares)
    for number, model in enumerate(asked.tolist()):
        missed += number > calls // 2 and model not in held
        held[model] = None
        held.move_to_end(model)
        if len(held) > room:
            held.popitem(last=False)
    return missed / (calls // 2)


@pytest.mark.parametrize(("models", "room"), [(50, 10), (1_000, 100), (1_000, 900)])
def test_misses_are_those_of_a_cache(models, room):
    shares = popularity(models, 1.0)

    assert misses(shares, room) == pytest.approx(kept(shares, room, 60_000), abs=0.02)


def test_none_is_missed_where_all_have_room_and_more_where_less_have():
    shares = popularity(1_000, 1.0)
    found = [misses(shares, room) for room in (1, 10, 100, 999, 1_000, 5_000)]

    assert found == sorted(found, reverse=True)
    assert found[-2:] == [0, 0]
    assert shares.sum() == pytest.approx(1)
