"""Shapley values: how much each of some players adds to what all of them reach together.

A game is a record against one background row; its players are the columns in which the two differ.
A coalition is worth what the model says of the background row with the record's values in those
columns. Of few players all coalitions are looked at; of many, orders of players are drawn in pairs,
one the other reversed: what is out of the ordinary in one evens out in the other.
"""

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.contract.models.background import EXACT_COLUMNS, LEAST_PAIRS
from functions.kit.contract.models.features import Array
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")


class Shares(NamedTuple):
    """What each player of a game adds.

    Attributes:
        values: float64 [players]; they sum to what all reach, less what nobody does.
        variances: of `values` over other draws, [players]; None: they are exact.
    """

    values: Array
    variances: Array | None


class Game:
    """Which coalitions are looked at, and what follows from their worth.

    Args:
        players: how many, 1 at least.
        effort: how many coalitions may be looked at, where that can be chosen.
        seed: of the orders that are drawn.

    Attributes:
        coalitions: bool [coalitions, players], without the empty one and that of all.
        is_exact: whether they are all that there are.
    """

    def __init__(self, players: int, effort: int, seed: Sequence[int]) -> None:
        self.is_exact = players <= EXACT_COLUMNS
        if self.is_exact:
            self.coalitions = _all(players)[1:-1]
        else:
            pairs = max(LEAST_PAIRS, effort // (2 * (players - 1)))
            self._orders = _orders(players, pairs, seed)
            self.coalitions = _beginnings(self._orders)

    def shares(self, worth: Array, nobody: float, everybody: float) -> Shares:
        """Return what each player adds.

        Args:
            worth: of `coalitions`, float64.
            nobody: the worth of none.
            everybody: the worth of all.
        """
        if self.is_exact:
            whole = np.concatenate(([nobody], worth, [everybody]))
            return Shares(_coefficients(self.coalitions.shape[1]) @ whole, None)
        return _drawn(self._orders, worth, nobody, everybody)


@functools.cache
def _all(players: int) -> Array:
    """Return all coalitions of so many, bool [2 ** players, players]: place n is n's bits."""
    numbers = np.arange(2**players)[:, np.newaxis]
    found: Array = (numbers >> np.arange(players)) & 1 == 1
    return found


@functools.cache
def _coefficients(players: int) -> Array:
    """Return how much each coalition's worth counts for each player, [players, coalitions].

    That a player joins a coalition of size s of the n - 1 others counts s! (n - s - 1)! / n!.
    """
    sizes = _all(players).sum(axis=1)
    joins = [1 / (players * math.comb(players - 1, size)) for size in range(players)]
    with_it = np.array([0.0, *joins])[sizes]
    without = np.array([*joins, 0.0])[sizes]
    found: Array = np.where(_all(players).T, with_it, -without)
    return found


def _orders(players: int, pairs: int, seed: Sequence[int]) -> Array:
    """Return orders of players, [2 * pairs, players]: the second half are the first's, reversed."""
    random = np.random.Generator(np.random.PCG64(seed))
    drawn = random.permuted(np.tile(np.arange(players), (pairs, 1)), axis=1)
    return np.concatenate([drawn, drawn[:, ::-1]])


def _beginnings(orders: Array) -> Array:
    """Return the coalitions of the first 1, 2 … of each order but all, one order after another."""
    players = orders.shape[1]
    ranks = np.empty_like(orders)
    np.put_along_axis(ranks, orders, np.arange(players)[np.newaxis], axis=1)
    sizes = np.arange(1, players)
    found: Array = (ranks[:, np.newaxis, :] < sizes[:, np.newaxis]).reshape(-1, players)
    return found


def _drawn(orders: Array, worth: Array, nobody: float, everybody: float) -> Shares:
    count, players = orders.shape
    reached = np.empty((count, players + 1))
    reached[:, 0], reached[:, -1] = nobody, everybody
    reached[:, 1:-1] = worth.reshape(count, players - 1)
    added = np.empty((count, players))
    np.put_along_axis(added, orders, np.diff(reached, axis=1), axis=1)
    pairs = count // 2
    means = (added[:pairs] + added[pairs:]) / 2
    return Shares(means.mean(axis=0), means.var(axis=0, ddof=1) / pairs)
