"""Medians with their intervals, and what a comparison says of them."""

import argparse
import math
import random
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.compare.__main__ import number_of_pairs, verdict
from benchmarks.compare.measures import MEASURES, PROGRAMS, Measure
from benchmarks.compare.median import LEAST, Interval, interval
from benchmarks.compare.trees import checked_out, commit
from benchmarks.stack import ROOT

samples = st.lists(st.floats(0.01, 100), min_size=LEAST, max_size=60)


@pytest.mark.parametrize(("count", "rank"), [(6, 1), (9, 2), (10, 2), (12, 3), (20, 6), (40, 14)])
def test_ranks_are_those_of_the_tables(count: int, rank: int) -> None:
    """As in Conover's table for the sign test at the level 0.05."""
    known = interval(range(1, count + 1))
    assert (known.low, known.high) == (rank, count + 1 - rank)


@given(samples)
def test_an_interval_holds_its_median_and_comes_from_the_sample(sample: list[float]) -> None:
    known = interval(sample)
    assert known.low <= known.median <= known.high
    assert {known.low, known.high} <= set(sample)


@given(samples, st.floats(0.5, 2))
def test_it_scales_with_its_sample(sample: list[float], factor: float) -> None:
    known, scaled = interval(sample), interval([value * factor for value in sample])
    assert math.isclose(scaled.low, known.low * factor)
    assert math.isclose(scaled.high, known.high * factor)


@pytest.mark.parametrize("count", [6, 10, 25])
def test_it_holds_the_true_median_often_enough(count: int) -> None:
    draw = random.Random(count)
    tries = 4_000
    held = sum(
        known.low <= 1 <= known.high
        for known in (
            interval([draw.lognormvariate(0, 0.3) for _ in range(count)]) for _ in range(tries)
        )
    )
    assert held / tries > 0.94  # 0.95 or more, less four deviations of such a count


def test_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="5 values allow no interval; give at least 6"):
        interval([1.0] * 5)


RATE = Measure("calls", "/s", "rate", more_is_better=True)
TIME = Measure("times", "ms", "median")


def test_a_ratio_above_one_is_always_better() -> None:
    assert RATE.ratio(base=100, present=200) == 2
    assert TIME.ratio(base=100, present=200) == 0.5


def test_a_figure_may_be_a_multiple_of_another() -> None:
    assert Measure("p99", "x", "gateway/direct").of({"gateway": 3.0, "direct": 2.0}) == 1.5


@pytest.mark.parametrize(
    ("present", "reaches"),
    [([100] * 10, True), ([94] * 10, False), ([90] * 8 + [96] * 2, True), ([120] * 10, True)],
)
def test_a_measure_is_well_when_its_interval_reaches(present: list[int], reaches: bool) -> None:
    found = [({RATE: 100.0}, {RATE: float(rate)}) for rate in present]
    line, told = verdict(RATE, found)
    assert told is reaches
    assert ("reaches 0.95" in line, "BELOW 0.95" in line) == (reaches, not reaches)


def test_measures_are_told_apart_by_name() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)
    for program in PROGRAMS:
        assert (ROOT / "benchmarks" / program.name.replace(".", "/")).with_suffix(".py").exists()


@pytest.mark.parametrize("text", ["5", "101", "ten", "1" * 5_000])
def test_a_number_of_pairs_without_an_interval_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give a number from 6 to 100"):
        number_of_pairs(text)


@pytest.mark.parametrize("revision", ["no-such-revision", "--all", "HEAD^{tree}"])
def test_a_revision_that_there_is_not_is_refused_by_name(revision: str) -> None:
    with pytest.raises(SystemExit, match=f"--base {revision[:4]}.*git knows no such commit"):
        commit(revision)


def test_a_tree_is_checked_out_and_removed() -> None:
    with checked_out(commit("HEAD")) as tree:
        assert (tree / "mayfly").exists()
        assert str(tree) in worktrees()
    assert not tree.exists()
    assert str(tree) not in worktrees()


def worktrees() -> str:
    command = ["git", "worktree", "list"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_an_interval_is_a_value() -> None:
    assert interval([3, 1, 2, 5, 4, 6, 7]) == Interval(4, 1, 7)
