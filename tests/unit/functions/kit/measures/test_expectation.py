"""What is expected without labels comes true, where rows are as those that it was learnt from."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.measures.expectation.chances import FEWEST_ROWS, learn_chances
from functions.kit.contract.measures.expectation.expected import (
    Expectation,
    expected_of_classes,
    expected_of_numbers,
)
from functions.kit.contract.measures.expectation.losses import learn_losses
from functions.kit.contract.measures.expectation.terms import Term, matrix, terms_of
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.measures.shares import wilson
from functions.kit.contract.models.readable import ReadableColumn

SEEDS = st.integers(0, 1_000)


def column(name: str, values: np.ndarray) -> ReadableColumn:
    kind = "word" if values.dtype == object else "number"
    return ReadableColumn(name, kind, values)  # type: ignore[arg-type]


def world(seed: int, rows: int, labels: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a column, a model's probabilities, and what is true.

    The model is too sure where the column is high, and not sure enough where it is low.
    """
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, rows)
    odds = random.normal(0, 1.5, (rows, labels))
    said = np.exp(odds * np.exp(0.5 * x)[:, None])
    chances = np.exp(odds)
    chances /= chances.sum(axis=1, keepdims=True)
    truth = (random.random((rows, 1)) > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return x, said / said.sum(axis=1, keepdims=True), truth


@pytest.mark.parametrize("labels", [2, 4])
def test_measures_of_shifted_rows_are_found_without_their_labels(labels: int) -> None:
    x, said, truth = world(1, 8_000, labels)
    task = "binary" if labels == 2 else "multiclass"
    learnt = learn_chances(truth, said, [column("x", x)])
    assert learnt is not None
    x, said, truth = world(2, 30_000, labels)
    high = x > 0.8  # where it is too sure
    columns = {"x": column("x", x[high])}
    found = expected_of_classes(task, learnt, said[high], columns)  # type: ignore[arg-type]
    true = measure(task, truth[high], said[high])  # type: ignore[arg-type]
    told = np.repeat(said[high], labels, axis=0)
    each = np.tile(np.arange(labels), len(told) // labels)
    naive = measure(task, each, told, said[high].ravel())  # type: ignore[arg-type]
    assert naive["accuracy"] - true["accuracy"] > 0.05
    for name in ("accuracy", "f1", "roc_auc", "brier", "log_loss"):
        off, by_itself = abs(found[name].value - true[name]), abs(naive[name] - true[name])
        assert off < 0.4 * by_itself, name
        assert found[name].low < found[name].value < found[name].high


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from([2, 3]))
def test_chances_are_chances(seed: int, labels: int) -> None:
    x, said, truth = world(seed, 150, labels)
    learnt = learn_chances(truth, said, [column("x", x)])
    assert learnt is not None
    found = learnt.apply(said, {"x": column("x", x)})
    assert ((found >= 0) & (found <= 1)).all()
    assert found.sum(axis=1) == pytest.approx(1)


def test_few_rows_teach_nothing() -> None:
    x, said, truth = world(0, FEWEST_ROWS - 1)
    assert learn_chances(truth, said, [column("x", x)]) is None
    assert learn_losses(x, x + 1, []) is None


@pytest.mark.parametrize("truth", [0, 1])
def test_one_class_only_is_learnt_and_expected(truth: int) -> None:
    said = np.tile([[0.5, 0.5]], (400, 1))
    learnt = learn_chances(np.full(400, truth), said, [])
    assert learnt is not None
    assert learnt.apply(said[:1], {})[0, truth] > 0.95


@pytest.mark.parametrize("share", [0.0, 1.0, 0.5])
def test_constant_probabilities_have_answers(share: float) -> None:
    said = np.tile([[1 - share, share]], (300, 1))
    truth = (np.arange(300) % 2).astype(int)
    learnt = learn_chances(truth, said, [])
    assert learnt is not None
    found = expected_of_classes("binary", learnt, said, {})
    assert all(np.isfinite([*one]).all() for one in found.values())
    assert 0 <= found["accuracy"].low <= found["accuracy"].value <= found["accuracy"].high <= 1


def test_no_rows_have_no_expectation() -> None:
    x, said, truth = world(0, 200)
    learnt = learn_chances(truth, said, [])
    assert learnt is not None
    assert expected_of_classes("binary", learnt, said[:0], {}) == {}
    losses = learn_losses(x, x + 1, [])
    assert losses is not None
    assert expected_of_numbers(losses, x[:0], {}) == {}


def test_errors_of_a_regression_are_expected_where_rows_lie_now() -> None:
    random = np.random.default_rng(3)
    x, kind = random.normal(0, 1, 6_000), random.choice(["a", "b"], 6_000).astype(object)
    scale = np.exp(0.6 * x) * np.where(kind == "a", 1.0, 3.0)
    predicted = 10 * random.random(6_000)
    truth = predicted + scale * random.normal(0, 1, 6_000)
    learnt = learn_losses(
        truth[:4_000], predicted[:4_000], [column("x", x[:4_000]), column("kind", kind[:4_000])]
    )
    assert learnt is not None
    now = np.flatnonzero((x > 0.5) & (kind == "b") & (np.arange(6_000) >= 4_000))
    columns = {"x": column("x", x[now]), "kind": column("kind", kind[now])}
    found = expected_of_numbers(learnt, predicted[now], columns)
    true = measure("regression", truth[now], predicted[now])
    usual = measure("regression", truth[:4_000], predicted[:4_000])
    assert true["mae"] > 1.8 * usual["mae"]
    for name in ("mae", "rmse", "pinball_10", "pinball_90"):
        assert found[name].value == pytest.approx(true[name], rel=0.15), name
        assert found[name].low < true[name] < found[name].high, name


def test_the_spread_that_a_model_gives_is_used() -> None:
    random = np.random.default_rng(4)
    spread, predicted = np.exp(random.normal(0, 1, 2_000)), random.normal(0, 1, 2_000)
    truth = predicted + spread * random.normal(0, 1, 2_000)
    learnt = learn_losses(truth, predicted, [], spread)
    assert learnt is not None
    assert learnt.scaled
    wide = expected_of_numbers(learnt, predicted[:500], {}, np.full(500, 4.0))["mae"].value
    assert wide == pytest.approx(4 * np.sqrt(2 / np.pi), rel=0.1)
    assert expected_of_numbers(learnt, predicted[:500], {}) == {}


def test_a_model_that_is_never_wrong_has_no_losses_to_learn() -> None:
    values = np.arange(200.0)
    assert learn_losses(values, values, []) is None


def test_what_was_learnt_is_kept_as_json() -> None:
    x, said, truth = world(5, 500)
    words = np.array(["a", "b"] * 250, dtype=object)
    columns = [column("x", x), column("w", words)]
    kept = Expectation(learn_chances(truth, said, columns), learn_losses(x, x + 1, columns))
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Expectation) == kept


def test_terms_are_of_what_there_is_enough_of() -> None:
    numbers = np.concatenate([np.arange(100.0), np.full(30, np.nan)])
    words = np.array(["often"] * 100 + ["seldom"] * 5 + [""] * 25, dtype=object)
    found = terms_of([column("n", numbers), column("w", words), column("same", np.ones(130))])
    assert [(one.column, one.word) for one in found] == [
        ("n", None),
        ("n", ""),
        ("w", ""),
        ("w", "often"),
    ]
    seen = matrix(found, {"n": column("n", np.array([np.nan, 1e9]))}, 2)
    assert seen.tolist() == [[0, 1, 0, 0], [3, 0, 0, 0]]
    assert matrix([Term("gone")], {}, 2).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    ("hits", "rows", "low", "high"),
    [(0, 1, 0.0, 0.793), (1, 1, 0.207, 1.0), (5, 10, 0.237, 0.763), (0, 100, 0.0, 0.037)],
)
def test_wilsons_interval(hits: int, rows: int, low: float, high: float) -> None:
    assert wilson(hits, rows) == pytest.approx((low, high), abs=1e-3)
