"""Two models on the same rows, and what is kept for it."""

import io
from dataclasses import replace

import numpy as np
import pytest

from functions.kit.contract.measures.comparison import Incomparable, common_rows, compare
from functions.kit.contract.measures.held_out import HeldOut, Rival, Unreadable, from_bytes


def made(noise: float, rows: int = 600, seed: int = 0, **changed) -> HeldOut:
    """A model that is the worse the more noise it has; rows and truth hang on nothing."""
    random = np.random.default_rng(7)
    truth, near = random.integers(0, 2, rows), random.random(rows)
    positive = np.clip(0.2 + 0.3 * truth + 0.3 * near, 0, 1)
    positive = np.clip(positive + noise * np.random.default_rng(seed).normal(size=rows), 0, 1)
    shares = np.stack([1 - positive, positive], axis=1)
    keys = random.integers(0, 2**64, rows, dtype=np.uint64)
    return HeldOut(
        **{
            "task": "binary",
            "keys": keys,
            "truth": truth,
            "predicted": shares,
            "labels": ["no", "yes"],
            **changed,
        }
    )


@pytest.mark.parametrize("measure", ["roc_auc", "log_loss", "accuracy", "brier"])
def test_a_better_model_is_told_from_a_worse_one(measure: str) -> None:
    found = compare(made(0.8), made(0.1), "binary", measure)
    assert (found.better, found.measure, found.rows) == ("second", measure, 600)
    assert found.low < found.difference < found.high
    for value, (low, high) in (
        (found.first, found.first_interval),
        (found.second, found.second_interval),
    ):
        assert low < value < high
    assert found.text.startswith(f"The second is better: {measure.replace('_', ' ')} ")
    assert " on the 600 rows that both held out; better by " in found.text
    turned = compare(made(0.1), made(0.8), "binary", measure)
    assert turned.better == "first"
    assert turned.difference == pytest.approx(-found.difference)


def test_no_difference_is_seen_where_there_is_none() -> None:
    luck = [
        compare(made(0.4, seed=2 * one), made(0.4, seed=2 * one + 1), "binary") for one in range(20)
    ]
    assert sum(one.better is not None for one in luck) <= 3
    calm = next(one for one in luck if one.better is None)
    assert calm.text.startswith("No difference to be seen: roc auc")
    same = compare(made(0.4), made(0.4), "binary")
    assert (same.better, same.difference, same.low, same.high) == (None, 0.0, 0.0, 0.0)


def test_a_difference_is_less_sure_where_rows_come_in_groups() -> None:
    units = np.repeat(np.arange(20, dtype=np.uint64), 30)
    alone = compare(made(0.4, seed=1), made(0.3, seed=2), "binary")
    first, second = (made(0.4, seed=1, units=units), made(0.3, seed=2, units=units))
    first.predicted[:300], second.predicted[300:] = 0.5, 0.5  # each knows some groups alone
    grouped = compare(from_bytes(first.to_bytes()), second, "binary")
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
    for one, other in ((replace(first, units=None), second), (first, replace(second, units=None))):
        assert compare(one, other, "binary") == grouped  # one of them knows of groups


@pytest.mark.parametrize(("groups", "words"), [(1, "1 group"), (5, "5 groups")])
def test_too_few_groups_say_nothing_however_many_rows_they_have(groups: int, words: str) -> None:
    units = np.arange(600, dtype=np.uint64) % groups
    with pytest.raises(Incomparable, match=f"600 held-out rows .* are of {words}, and 6 are"):
        compare(made(0.8, units=units), made(0.1, units=units), "binary")
    enough = np.arange(600, dtype=np.uint64) % 6
    assert compare(made(0.8, units=enough), made(0.1), "binary").better == "second"


def test_on_the_same_rows_a_difference_is_surer_than_either_measure() -> None:
    one, other = made(0.30, seed=1), made(0.30, seed=1)
    slightly = HeldOut("binary", other.keys, other.truth, other.predicted * [1, 0.9], other.labels)
    found = compare(one, slightly, "binary", "brier")
    assert found.high - found.low < 0.3 * 2 * 1.96 * 0.25 / np.sqrt(600) * 2


def test_only_rows_that_both_held_out_count() -> None:
    one, whole = made(0.3), made(0.1)
    part = np.random.default_rng(1).permutation(600)[:200]
    other = HeldOut(
        "binary", whole.keys[part], whole.truth[part], whole.predicted[part], whole.labels
    )
    found = compare(one, other, "binary", "accuracy")
    assert found.rows == 200
    expected = (one.predicted.argmax(axis=1) == one.truth)[part].mean()
    assert found.first == pytest.approx(expected)


def test_rows_that_are_alike_are_taken_one_by_one() -> None:
    here, there = common_rows(
        np.array([5, 7, 5, 9], dtype=np.uint64), np.array([5, 5, 5, 7], dtype=np.uint64)
    )
    assert sorted(zip(here.tolist(), there.tolist(), strict=True)) == [(0, 0), (1, 3), (2, 1)]


def test_a_row_whose_truth_was_mended_does_not_count() -> None:
    one, other = made(0.3), made(0.1)
    mended = other.truth.copy()
    mended[:50] = 1 - mended[:50]
    changed = HeldOut("binary", other.keys, mended, other.predicted, other.labels)
    assert compare(one, changed, "binary").rows == 550


@pytest.mark.parametrize("threshold", [None, 0.3])
def test_the_order_of_the_labels_changes_nothing(threshold: float | None) -> None:
    one, other = made(0.4), made(0.1, threshold=threshold)
    turned_threshold = None if threshold is None else float(np.nextafter(1 - threshold, 2))
    turned = HeldOut(
        "binary",
        other.keys,
        1 - other.truth,
        other.predicted[:, ::-1],
        ["yes", "no"],
        turned_threshold,
    )
    for measure in ("roc_auc", "accuracy", "recall"):
        found = compare(one, turned, "binary", measure)
        assert found.second == pytest.approx(compare(one, other, "binary", measure).second)


def test_a_regression_is_compared_by_its_error() -> None:
    random = np.random.default_rng(0)
    truth, keys = random.normal(size=300), random.integers(0, 2**64, 300, dtype=np.uint64)
    far, near = (
        HeldOut("regression", keys, truth, truth + noise * random.normal(size=300))
        for noise in (1.0, 0.5)
    )
    found = compare(far, near, "regression")
    assert (found.measure, found.better) == ("rmse", "second")
    assert found.difference == pytest.approx(found.first - found.second)


@pytest.mark.parametrize(
    ("other", "measure", "reason"),
    [
        (made(0.1), "rmse", "'rmse' is no measure of a binary task"),
        (made(0.1, labels=["no", "maybe"]), None, "labels differ: no, yes; no, maybe"),
        (HeldOut("regression", np.ones(1), np.ones(1), np.ones(1)), None, "a regression task"),
        (made(0.1, keys=np.arange(600, dtype=np.uint64)), None, "0 held-out rows in common"),
    ],
)
def test_what_cannot_be_compared_is_said(other: HeldOut, measure: str | None, reason: str) -> None:
    with pytest.raises(Incomparable, match=reason):
        compare(made(0.1), other, "binary", measure)


def test_it_is_kept_and_read_again() -> None:
    one = made(0.1, threshold=0.25)
    found = from_bytes(one.to_bytes())
    assert (found.task, found.labels, found.threshold) == ("binary", ["no", "yes"], 0.25)
    np.testing.assert_array_equal(found.keys, one.keys)
    np.testing.assert_array_equal(found.truth, one.truth)
    np.testing.assert_array_equal(found.predicted, one.predicted.astype(np.float32))
    exact = HeldOut("regression", one.keys, np.full(600, 1e9 + 0.5), np.full(600, 1e9 + 0.25))
    assert from_bytes(exact.to_bytes()).predicted[0] == 1e9 + 0.25


def test_what_another_says_of_some_rows_is_kept_with_it() -> None:
    one, other = made(0.1, units=np.arange(600, dtype=np.uint64)), made(0.4)
    places = np.array([3, 5, 599])
    kept = replace(one, rivals=[Rival("ab", places, other.predicted[places], 0.3)]).to_bytes()
    found = from_bytes(kept).beside("ab")
    assert found is not None
    said, mine = found
    np.testing.assert_array_equal(said.predicted, other.predicted[places].astype(np.float32))
    np.testing.assert_array_equal(mine.predicted, one.predicted[places].astype(np.float32))
    assert (said.threshold, mine.threshold) == (0.3, None)
    for side in found:
        np.testing.assert_array_equal(side.keys, one.keys[places])
        np.testing.assert_array_equal(side.truth, one.truth[places])
        assert side.units is not None
        assert side.units.tolist() == places.tolist()
    assert from_bytes(kept).beside("cd") is None
    assert from_bytes(one.to_bytes()).rivals == []


@pytest.mark.parametrize(
    ("places", "labels"), [([600], 2), ([-1], 2), ([1, 2], 2), ([[1]], 2), ([1], 1)]
)
def test_what_another_says_of_no_row_is_refused(places: list[int], labels: int) -> None:
    one = made(0.1)
    wrong = replace(one, rivals=[Rival("ab", np.array(places), one.predicted[:1, :labels])])
    with pytest.raises(Unreadable, match="those of another model are of other rows"):
        from_bytes(wrong.to_bytes())


def test_what_is_not_that_is_refused_and_never_run() -> None:
    file = io.BytesIO()
    np.savez(file, keys=np.array([{"a": 1}], dtype=object))
    for data in (b"", b"PK\x03\x04nothing", file.getvalue(), made(0.1).to_bytes()[:-100]):
        with pytest.raises(Unreadable, match="Not held-out predictions"):
            from_bytes(data)
    uneven = HeldOut("regression", np.ones(2), np.ones(3), np.ones(3)).to_bytes()
    with pytest.raises(Unreadable, match="differ in length"):
        from_bytes(uneven)
