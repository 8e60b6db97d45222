"""Tests of two samples: against scipy, in edge cases, and as often wrong as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from functions.kit.contract.models.reference import counted, numbers_of
from functions.monitoring.model.drift import statistics
from functions.monitoring.model.drift.statistics import (
    adjusted,
    beyond_p,
    chi_squared,
    jensen_shannon,
    kolmogorov_smirnov,
    more_p,
    psi,
    share_p,
    wasserstein,
)

COUNTS = st.lists(st.integers(0, 60), min_size=1, max_size=12)
SHARES = st.integers(0, 60)


@given(st.lists(st.integers(0, 9), min_size=8), st.lists(st.integers(0, 9), min_size=8))
def test_of_few_different_numbers_d_is_that_of_the_numbers(then: list[int], now: list[int]) -> None:
    edges = [place + 0.5 for place in range(9)]
    one, other = (counted(edges, np.array(some, float)).tolist() for some in (then, now))
    distance, p = kolmogorov_smirnov(one, other)
    known = stats.ks_2samp(then, now, method="asymp")
    assert distance == pytest.approx(known.statistic)
    assert 0 <= p <= 1


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_the_distance_of_whole_bins_is_that_of_numbers_spread_in_them(
    then: list[int], now: list[int]
) -> None:
    edges = list(range(11))
    one, other = (np.bincount(some, minlength=10).tolist() for some in (then, now))
    spread = (np.arange(400) + 0.5) / 400
    values = [(np.array(some)[:, None] + spread).ravel() for some in (then, now)]
    known = stats.wasserstein_distance(*values)
    assert wasserstein(edges, one, other) == pytest.approx(known, abs=0.01)
    assert wasserstein(edges, one, one) == 0.0


@given(SHARES, SHARES, SHARES, SHARES)
def test_a_share_that_is_more_is_as_unlikely_as_fisher_says(
    then: int, others_then: int, now: int, others_now: int
) -> None:
    m, n = then + others_then, now + others_now
    found = more_p(then, m, now, n)
    if not m or not n or now * m <= then * n:
        assert found == 1.0
    else:
        table = [[now, others_now], [then, others_then]]
        assert found == pytest.approx(stats.fisher_exact(table, "greater").pvalue, rel=1e-6)
    assert share_p(then, m, now, n) == share_p(others_then, m, others_now, n)


def test_shares_of_very_many_rows_are_told_at_once() -> None:
    assert share_p(100_000, 10**7, 100_300, 10**7) == pytest.approx(0.5, abs=0.05)
    assert share_p(100_000, 10**7, 102_000, 10**7) < 1e-4
    assert share_p(0, 10**6, 10**6, 10**6) == 0.0


@given(st.lists(st.integers(20, 90), min_size=2, max_size=6), st.integers(0, 9))
def test_words_that_are_frequent_are_tested_as_scipy_does(counts: list[int], seed: int) -> None:
    others = np.random.default_rng(seed).integers(20, 90, len(counts)).tolist()
    then, now = ({str(place): one for place, one in enumerate(some)} for some in (counts, others))
    statistic, p = chi_squared(then, now)
    known = stats.chi2_contingency([counts, others], correction=False)
    assert statistic == pytest.approx(known.statistic, abs=1e-9)
    assert p == pytest.approx(known.pvalue)


def test_rare_and_new_words_are_one() -> None:
    often = {"a": 500, "b": 500}
    rare = {f"r{number}": 1 for number in range(50)}
    p = chi_squared(often | rare, often, (0, 50))[1]
    assert p == pytest.approx(1.0)
    assert chi_squared(often, often, (0, 100))[1] < 1e-9
    assert chi_squared({"a": 3}, {"a": 1, "b": 1})[1] == 1.0


@given(COUNTS)
def test_the_same_is_no_distance_and_nothing_is_told_of_nothing(counts: list[int]) -> None:
    words = {str(place): one for place, one in enumerate(counts)}
    nothing = [0] * len(counts)
    assert jensen_shannon(words, words) == pytest.approx(0.0, abs=1e-7)
    assert psi(counts, counts) == 0.0
    assert kolmogorov_smirnov(counts, nothing) == (0.0, 1.0)
    assert kolmogorov_smirnov(counts, counts)[1] == 1.0
    assert chi_squared(words, {}) == (0.0, 1.0)
    assert jensen_shannon({}, words) == psi(nothing, counts) == 0.0
    assert wasserstein(range(len(counts) + 1), nothing, counts) == 0.0
    assert share_p(0, 0, 1, 2) == beyond_p(0, 1, 2) == beyond_p(5, 0, 5) == 1.0


def test_no_common_word_is_as_far_as_it_goes() -> None:
    assert jensen_shannon({"a": 5}, {"b": 9}) == pytest.approx(1.0)


def test_beyond_all_that_there_was_is_as_likely_as_that_all_of_the_most_are_new() -> None:
    assert beyond_p(100, 1, 100) == pytest.approx(0.5)
    assert beyond_p(3, 2, 2) == pytest.approx(1 / 10)
    assert beyond_p(10**6, 40, 10**6) == pytest.approx(0.5**40, rel=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_several_tests_are_adjusted_as_scipy_does(ps: list[float]) -> None:
    assert adjusted(ps) == pytest.approx(stats.false_discovery_control(ps).tolist())


def test_the_tests_are_wrong_no_more_often_than_they_say() -> None:
    chance = np.random.default_rng(3)
    wrong = {"ks": 0, "chi": 0, "share": 0, "beyond": 0}
    rounds = 400
    for _ in range(rounds):
        then, now = chance.normal(size=300), chance.normal(size=500)
        numbers = numbers_of(then)
        assert numbers is not None
        bins = counted(numbers.edges, now).tolist()
        wrong["ks"] += kolmogorov_smirnov(numbers.counts, bins)[1] < 0.05
        above = int((now > numbers.high).sum())
        wrong["beyond"] += beyond_p(300, above, 500) < 0.05
        counts = [chance.multinomial(count, np.full(8, 1 / 8)).tolist() for count in (300, 500)]
        before, after = (dict(zip("abcdefgh", some, strict=True)) for some in counts)
        wrong["chi"] += chi_squared(before, after)[1] < 0.05
        shares = chance.binomial([300, 500], 0.03).tolist()
        wrong["share"] += share_p(shares[0], 300, shares[1], 500) < 0.05
    assert {name: count / rounds <= 0.08 for name, count in wrong.items()} == dict.fromkeys(
        wrong, True
    )


def test_rare_ones_that_are_too_few_by_themselves_go_to_the_least_frequent() -> None:
    assert statistics._with_rare_ones_together([(50, 50), (90, 90), (1, 0)], (0, 0), 0.5) == [
        (51, 50),
        (90, 90),
    ]
