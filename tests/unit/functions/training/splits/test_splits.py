"""Which rows are held out and which fold each is in."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.records.columns import Column
from functions.training.learning import plan
from functions.training.learning.splits.folding import folds
from functions.training.learning.splits.hashing import mix
from functions.training.learning.splits.holding_out import held_out, quotas
from functions.training.learning.splits.sources import groups, sources
from functions.training.learning.table import Table
from functions.training.learning.targets.target import Target
from functions.training.model.requests.spec import Split, TrainingSpec
from functions.training.model.task import UnsuitableData

if TYPE_CHECKING:
    from functions.kit.contract.models.signature import Task


def rows_of(count: int, seed: int = 0) -> Any:
    return mix(np.arange(count, dtype=np.uint64) + np.uint64(seed * 10**6))


def target_of(values: Any, labels: str = "ab") -> Target:
    places = np.asarray(values)
    task: Task = "binary" if len(labels) == 2 else "multiclass"
    return Target(task, list(labels), places, np.arange(len(places)))


def spec(**wishes: Any) -> TrainingSpec:
    return TrainingSpec("y", **wishes)


@given(st.integers(40, 400), st.floats(0.05, 0.5), st.integers(0, 99), st.floats(0.1, 0.9))
def test_every_class_keeps_its_share(rows: int, share: float, seed: int, part: float) -> None:
    values = (np.arange(rows) < max(8, part * rows)).astype(int)
    train, held = held_out(rows_of(rows), target_of(values), spec(holdout=share, seed=seed))
    assert sorted([*train, *held]) == list(range(rows))
    assert abs(len(held) - share * rows) <= 1.5
    for label in (0, 1):
        expected = share * (values == label).sum()
        assert (values[held] == label).sum() >= 1
        assert abs((values[held] == label).sum() - expected) <= 1


def test_a_rare_class_is_on_both_sides_however_little_is_held_out() -> None:
    values = np.array([0] * 189 + [1] * 7)
    train, held = held_out(rows_of(196), target_of(values), spec(holdout=0.05))
    assert (len(held), values[held].sum(), values[train].sum()) == (11, 1, 6)


def test_the_same_rows_are_held_out_of_later_revisions() -> None:
    random = np.random.default_rng(0)
    values = random.integers(0, 3, 1200)
    keys = rows_of(1200)
    _, first = held_out(keys[:1000], target_of(values[:1000], "abc"), spec())
    order = random.permutation(1200)
    _, later = held_out(keys[order], target_of(values[order], "abc"), spec())
    again = set(keys[order][later].tolist()) & set(keys[:1000].tolist())
    stayed = again & set(keys[first].tolist())
    assert len(stayed) > 0.93 * len(first)
    assert len(again) - len(stayed) < 0.07 * len(first)


def test_another_seed_holds_out_others() -> None:
    values = np.arange(500) % 2
    parts = [set(held_out(rows_of(500), target_of(values), spec(seed=one))[1]) for one in (1, 2)]
    assert len(parts[0] & parts[1]) < 0.4 * len(parts[0])
    assert parts[0] == set(held_out(rows_of(500), target_of(values), spec(seed=1))[1])


def test_the_split_does_not_depend_on_which_class_is_called_positive() -> None:
    words = np.array(["a"] * 77 + ["b"] * 60)
    found = []
    for labels in (["a", "b"], ["b", "a"]):
        values = np.array([labels.index(word) for word in words])
        target = Target("binary", labels, values, np.arange(137))
        train, held = held_out(rows_of(137), target, spec())
        dealt = folds(rows_of(137)[train], target.take(train), spec())
        found.append((held.tolist(), [test.tolist() for _, test in dealt]))
    assert found[0] == found[1]


def test_copies_are_on_one_side_of_every_split() -> None:
    keys = np.repeat(rows_of(150), np.arange(150) % 3 + 1)
    values = np.arange(len(keys)) % 2
    target = target_of(values)
    train, held = held_out(keys, target, spec())
    assert not set(keys[train]) & set(keys[held])
    assert abs(len(held) - 0.2 * len(keys)) < 5
    for fit, test in folds(keys[train], target.take(train), spec()):
        assert not set(keys[train][fit]) & set(keys[train][test])
        assert abs(len(test) - len(train) / 5) < 6


def test_folds_hold_each_row_once_and_each_class_alike() -> None:
    values = np.array([0] * 100 + [1] * 31 + [2] * 12)
    found = folds(rows_of(143), target_of(values, "abc"), spec())
    assert sorted(np.concatenate([test for _, test in found])) == list(range(143))
    for fit, test in found:
        assert not set(fit) & set(test)
        assert np.bincount(values[test], minlength=3) == pytest.approx([20, 6, 2.4], abs=1)


def test_groups_stay_together() -> None:
    random = np.random.default_rng(0)
    names = random.integers(0, 40, 600)
    target = target_of((random.random(600) < 0.3).astype(int))
    found = groups([None if name == 39 else f"g{name}" for name in names])
    train, held = held_out(rows_of(600), target, spec(), found)
    real = names < 39
    assert not set(names[train][real[train]]) & set(names[held][real[held]])
    assert {39} <= set(names[train]) & set(names[held]), "rows without a group stand alone"
    assert len(held) == pytest.approx(120, abs=15)
    for fit, test in folds(rows_of(600)[train], target.take(train), spec(), found[train]):
        inside = names[train]
        assert not (set(inside[fit]) & set(inside[test])) - {39}
        assert len(test) == pytest.approx(len(train) / 5, abs=25)


def test_one_large_group_is_trained_on() -> None:
    names = np.repeat([0, 1, 2, 3, 4, 5], [300, 20, 20, 20, 20, 20])
    target = Target("regression", [], names.astype(float), np.arange(400))
    train, held = held_out(rows_of(400), target, spec(), groups(names.tolist()))
    assert 0 in names[train]
    assert len(held) in {60, 80}


def test_too_few_groups_are_refused_with_what_to_do() -> None:
    names = [1] * 50 + [2] * 50 + [3] * 50
    target = Target("regression", [], np.arange(150.0), np.arange(150))
    with pytest.raises(UnsuitableData, match="3 groups, fewer than the 5 folds: ask for 3 folds"):
        folds(rows_of(150), target, spec(), groups(names))


def test_a_class_in_one_group_alone_is_refused_with_what_to_do() -> None:
    names = np.arange(100) // 10
    target = target_of((names == 3).astype(int))
    by_group = spec(split=Split("group", "g"))
    with pytest.raises(UnsuitableData, match=r"'b' of 'y' has no row in the held-out.*smaller"):
        held_out(rows_of(100), target, by_group, groups(names.tolist()))


def test_by_time_the_latest_are_held_out_and_folds_look_ahead() -> None:
    times = np.random.default_rng(0).permutation(200).astype(float) // 2
    times[:3] = np.nan
    target = target_of(np.arange(200) % 2)
    train, held = held_out(rows_of(200), target, spec(split=Split("time", "t")), times=times)
    assert np.nanmax(times[train]) < np.nanmin(times[held])
    assert len(held) == pytest.approx(40, abs=1)
    before = times[train]
    found = folds(rows_of(200)[train], target.take(train), spec(), times=before)
    assert [len(test) for _, test in found] == pytest.approx([len(train) / 6] * 5, abs=3)
    for fit, test in found:
        assert np.nanmax(before[fit]) < np.nanmin(before[test])


def test_by_time_with_one_moment_of_most_rows() -> None:
    times = np.repeat([0.0, 1, 2, 3, 4, 5, 6, 7], [200, 9, 9, 9, 9, 9, 9, 9])
    target = target_of(np.arange(len(times)) % 2)
    found = folds(rows_of(len(times)), target, spec(folds=5), times=times)
    assert len(found) == 5
    with pytest.raises(UnsuitableData, match="8 moments: 9 folds"):
        folds(rows_of(len(times)), target, spec(folds=9), times=times)
    with pytest.raises(UnsuitableData, match="of the same moment"):
        held_out(rows_of(50), target_of(np.arange(50) % 2), spec(), times=np.ones(50))


def test_quotas_are_rounded_together() -> None:
    assert quotas(np.array([809, 500]), 0.2) == [162, 100]
    assert quotas(np.array([3, 3, 3, 3]), 0.5) in ([2, 2, 1, 1], [1, 1, 2, 2])
    assert quotas(np.array([1, 2, 99]), 0.05) == [0, 1, 5]


COLUMNS = [Column("x", "number"), Column("g", "category"), Column("t", "integer")]
TABLE = Table(COLUMNS, {"x": [1.0, 2.0], "g": ["a", None], "t": [3, None]})


def test_columns_to_split_by_are_found_by_name_or_role() -> None:
    named = sources(TABLE, spec(split=Split("group", "g")))
    assert named.groups is not None
    assert (named.groups > 0).tolist() == [True, False]
    assert named.columns == ["g"]
    by_role = sources(TABLE, spec(roles={"g": "group"}))
    np.testing.assert_array_equal(by_role.groups, named.groups)
    when = sources(TABLE, spec(split=Split("time"), roles={"t": "time"}))
    np.testing.assert_array_equal(when.times, [3.0, np.nan])
    assert when.notes == ["1 row without a value of 't' counts as the earliest."]
    assert sources(TABLE, spec()).columns == []


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        (Split("group", "nowhere"), "no column 'nowhere' to split by"),
        (Split("group"), "No column has the role 'group'"),
        (Split("time"), "No column has the role 'time'"),
        (Split("time", "g"), "'g' is of kind category: a split by time needs dates"),
    ],
)
def test_a_column_that_is_not_there_is_named(split: Split, reason: str) -> None:
    with pytest.raises(UnsuitableData, match=reason):
        sources(TABLE, spec(split=split))


def test_a_plan_holds_out_the_same_rows_whatever_is_positive() -> None:
    random = np.random.default_rng(0)
    x, y = random.random(120), random.choice(["no", "yes"], 120)
    table = Table(
        [Column("x", "number"), Column("y", "category")], {"x": x.tolist(), "y": y.tolist()}
    )
    plans = [plan.make(table, spec(positive=one)) for one in ("no", "yes")]
    assert [made.signature.labels[-1] for made in plans] == ["no", "yes"]
    np.testing.assert_array_equal(plans[0].held_out.keys, plans[1].held_out.keys)
    for one, other in zip(plans[0].folds, plans[1].folds, strict=True):
        np.testing.assert_array_equal(one[1], other[1])


def test_half_a_million_rows_are_split_without_a_loop() -> None:
    keys, target = rows_of(500_000), target_of(np.arange(500_000) % 100 == 0)
    target = target_of(target.values.astype(int))
    began = time.process_time()
    train, _ = held_out(keys, target, spec())
    folds(keys[train], target.take(train), spec())
    assert time.process_time() - began < 4  # a busy machine; 0.5 s alone
