"""Shapley values: what the definition says, and what follows from it."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.models.background import EXACT_COLUMNS, LEAST_PAIRS
from functions.prediction.model.shapley import Game, Shares

Worth = Callable[[Any], Any]
"""Coalitions, bool [coalitions, players] → what each is worth."""
MANY = EXACT_COLUMNS + 3


def shares(worth: Worth, players: int, effort: int = 1, seed: int = 0) -> Shares:
    game = Game(players, effort, (seed,))
    nobody, everybody = worth(np.stack([np.zeros(players, bool), np.ones(players, bool)]))
    return game.shares(worth(game.coalitions), nobody, everybody)


def table(values: list[float]) -> Worth:
    """Return a game by the worth of each coalition, by its number."""
    known = np.array(values)

    def worth(coalitions: Any) -> Any:
        return known[coalitions @ (1 << np.arange(coalitions.shape[1]))]

    return worth


def polynomial(players: int, seed: int) -> Worth:
    """Return a game in which players count by themselves, and in pairs."""
    random = np.random.default_rng(seed)
    alone, together = random.normal(size=players), random.normal(size=(players, players))

    def worth(coalitions: Any) -> Any:
        there = coalitions.astype(float)
        return there @ alone + np.einsum("ni,ij,nj->n", there, together, there)

    return worth


def of_pairs(players: int, seed: int) -> Any:
    """Return that game's values: a pair's worth is halved between its two."""
    random = np.random.default_rng(seed)
    alone, together = random.normal(size=players), random.normal(size=(players, players))
    return alone + (together + together.T).sum(axis=1) / 2


@st.composite
def games(draw: st.DrawFn) -> tuple[int, list[float]]:
    players = draw(st.integers(1, 5))
    number = st.floats(-1e6, 1e6)
    return players, draw(st.lists(number, min_size=2**players, max_size=2**players))


@given(games())
def test_they_are_what_the_definition_says(game: tuple[int, list[float]]) -> None:
    players, values = game
    found = shares(table(values), players)
    wanted = np.zeros(players)
    for order in itertools.permutations(range(players)):
        coalition = 0
        for player in order:
            wanted[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    assert found.variances is None
    np.testing.assert_allclose(found.values, wanted / math.factorial(players), atol=1e-6)


@given(games())
def test_they_sum_to_what_all_reach_together(game: tuple[int, list[float]]) -> None:
    players, values = game
    found = shares(table(values), players)
    assert found.values.sum() == pytest.approx(values[-1] - values[0], abs=1e-6)


@given(games(), st.data())
def test_who_adds_nothing_gets_nothing(game: tuple[int, list[float]], data: st.DataObject) -> None:
    players, values = game
    dummy = data.draw(st.integers(0, players - 1))
    without = [values[number & ~(1 << dummy)] for number in range(2**players)]
    assert shares(table(without), players).values[dummy] == pytest.approx(0, abs=1e-6)


@given(games(), games(), st.floats(-3, 3))
def test_they_are_linear_in_the_game(
    one: tuple[int, list[float]], other: tuple[int, list[float]], factor: float
) -> None:
    players = min(one[0], other[0])
    first, second = (np.array(values[: 2**players]) for _, values in (one, other))
    both = shares(table(list(first + factor * second)), players).values
    apart = [shares(table(list(values)), players).values for values in (first, second)]
    np.testing.assert_allclose(both, apart[0] + factor * apart[1], atol=1e-5)


@pytest.mark.parametrize("players", [4, EXACT_COLUMNS])
def test_equals_get_equal_shares(players: int) -> None:
    found = shares(lambda coalitions: coalitions.sum(axis=1) ** 3.0, players).values
    np.testing.assert_allclose(found, players**2, atol=1e-9)


@pytest.mark.parametrize("players", [2, EXACT_COLUMNS, MANY])
def test_pairs_are_halved(players: int) -> None:
    """Of players who count alone and in pairs, an order and its reverse tell the truth at once."""
    found = shares(polynomial(players, 1), players).values
    np.testing.assert_allclose(found, of_pairs(players, 1), atol=1e-9)


def test_up_to_ten_columns_all_coalitions_are_looked_at() -> None:
    assert EXACT_COLUMNS == 10
    for players in (1, 2, 10):
        assert Game(players, 1, (0,)).coalitions.shape == (2**players - 2, players)
    assert len(Game(11, 1, (0,)).coalitions) == 2 * LEAST_PAIRS * 10
    assert len(Game(11, 1000, (0,)).coalitions) == 1000


def steep(coalitions: Any) -> Any:
    """Return the worth of coalitions whose players help one another in threes and more."""
    weights = np.linspace(-1.0, 2.1, coalitions.shape[1])
    return 1 / (1 + np.exp(-(coalitions @ weights) + 3))


def exact(worth: Worth, players: int) -> Any:
    """Return the values of more players than are usually looked at whole."""
    coalitions = (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1
    values, sizes = worth(coalitions), coalitions.sum(axis=1)
    found = []
    for player in range(players):
        without = np.flatnonzero(~coalitions[:, player])
        joins = [1 / (players * math.comb(players - 1, size)) for size in sizes[without]]
        found.append(np.dot(joins, values[without | 1 << player] - values[without]))
    return np.array(found)


def test_of_many_columns_the_stated_error_is_the_error() -> None:
    wanted, off = exact(steep, MANY), []
    nobody, everybody = steep(np.stack([np.zeros(MANY, bool), np.ones(MANY, bool)]))
    for seed in range(60):
        found = shares(steep, MANY, effort=600, seed=seed)
        assert found.values.sum() == pytest.approx(everybody - nobody)
        assert found.variances is not None
        off.append((found.values - wanted) / np.sqrt(found.variances))
    spread = np.sqrt(np.mean(np.square(off)))
    assert 0.8 < spread < 1.3


def test_the_same_seed_draws_the_same() -> None:
    one, again, other = (shares(steep, MANY, seed=seed).values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
