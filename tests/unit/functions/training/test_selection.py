"""Greedy selection: it combines what helps, and leaves alone what does not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.training.learning.ensembles.selection import mean, select, select_over

Views = tuple[NDArray[np.int64], dict[int, NDArray[np.float64]]]


def probabilities(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    positive = 1 / (1 + np.exp(-odds))
    return np.stack([1 - positive, positive], axis=1)


def views(rows: int, seed: int, noises: list[float]) -> Views:
    """Return truths, and what models see of them, each through a noise of its own."""
    draw = np.random.default_rng(seed)
    level = draw.normal(size=rows)
    truth = (level + 0.3 * draw.normal(size=rows) > 0).astype(np.int64)
    seen = {
        place: probabilities(2 * (level + noise * draw.normal(size=rows)))
        for place, noise in enumerate(noises)
    }
    return truth, seen


def auc(truth: NDArray[np.int64], predicted: NDArray[np.float64]) -> float:
    order = np.argsort(np.argsort(predicted[:, 1])) + 1
    positives = truth.sum()
    return float(order[truth == 1].sum() - positives * (positives + 1) / 2) / float(
        positives * (len(truth) - positives)
    )


def test_models_that_err_differently_are_combined_and_are_better_on_other_rows() -> None:
    truth, seen = views(3_100, 0, [1.0, 1.0, 1.2, 8.0])
    chosen = select(seen, truth, "binary")
    assert set(chosen) >= {0, 1}
    assert 3 not in chosen
    assert sum(chosen.values()) == pytest.approx(1)
    assert list(chosen.values()) == sorted(chosen.values(), reverse=True)
    other_truth, other = views(3_100, 1, [1.0, 1.0, 1.2, 8.0])
    alone = max(auc(other_truth, other[one]) for one in range(4))
    assert auc(other_truth, mean(other, chosen)) > alone + 0.02


def test_the_best_alone_is_taken_where_others_only_add_noise() -> None:
    truth, seen = views(400, 2, [0.05, 4.0, 4.0, 4.0])
    assert select(seen, truth, "binary") == {0: 1.0}


def test_copies_of_one_model_are_no_ensemble() -> None:
    truth, seen = views(120, 3, [1.0])
    assert select({4: seen[0], 7: seen[0].copy()}, truth, "binary") == {4: 1.0}


def test_numbers_are_combined_by_their_error() -> None:
    draw = np.random.default_rng(0)
    truth = draw.normal(size=500)
    seen = {place: truth + draw.normal(size=500) for place in range(4)}
    chosen = select(seen, truth, "regression")
    assert len(chosen) == 4
    assert min(chosen.values()) > 0.15


def test_rows_without_a_prediction_count_for_nothing() -> None:
    truth, seen = views(3_200, 4, [1.0, 1.0])
    gaps = {index: one.copy() for index, one in seen.items()}
    for one in gaps.values():
        one[:100] = np.nan
    kept = {index: one[100:] for index, one in seen.items()}
    assert select(gaps, truth, "binary") == select(kept, truth[100:], "binary")


def test_no_more_members_than_asked_for() -> None:
    truth, seen = views(3_100, 5, [1.0] * 6)
    assert len(select(seen, truth, "binary", most=3)) == 3
    assert len(select(seen, truth, "binary", most=1)) == 1


def test_a_seed_repeats() -> None:
    truth, seen = views(3_100, 6, [1.0, 1.1])
    assert select(seen, truth, "binary", seed=1) == select(seen, truth, "binary", seed=1)


def test_what_one_way_to_deal_rows_out_chooses_by_luck_counts_as_one_of_them() -> None:
    ways = [views(200, 0, [1.0, 1.0, 1.2])[1], views(200, 0, [0.05, 4.0, 4.0])[1]]
    truth, _ = views(200, 0, [1.0])
    chosen = [select(one, truth, "binary") for one in ways]
    assert chosen[1] == {0: 1.0}
    assert len(chosen[0]) == 3
    found = select_over(ways, lambda way: select(way, truth, "binary"))
    for index in range(3):
        expected = (chosen[0][index] + chosen[1].get(index, 0)) / 2
        assert found[index] == pytest.approx(expected)
    assert select_over(ways[:1], lambda way: select(way, truth, "binary")) == chosen[0]
