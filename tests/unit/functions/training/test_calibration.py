"""Calibration: it mends what is wrong, leaves what is right, and ONNX computes the same."""

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature
from functions.training.learning.calibration.calibration import Calibration, fit_calibration
from functions.training.learning.calibration.choice import calibrate
from functions.training.learning.calibration.isotonic import LEAST_GAP, fit_isotonic
from functions.training.learning.graph.graph import Graph


def told(
    rows: int, labels: int, sharpness: float, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities and what came true; too sure by `sharpness`, right at 1."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(size=(rows, labels)) * 1.5
    true = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    target = (draw.random(rows)[:, None] > np.cumsum(true, axis=1)).sum(axis=1)
    sharp = true**sharpness
    return sharp / sharp.sum(axis=1, keepdims=True), np.minimum(target, labels - 1)


def log_loss(probabilities: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    return float(-np.log(probabilities[np.arange(len(target)), target]).mean())


@pytest.mark.parametrize("labels", [2, 3])
def test_what_is_too_sure_is_mended(labels: int) -> None:
    probabilities, target = told(2_000, labels, 3.0)
    found = calibrate("auto", probabilities, target)
    assert found is not None
    others, truth = told(2_000, labels, 3.0, seed=1)
    mended = found.apply(others)
    np.testing.assert_allclose(mended.sum(axis=1), 1)
    assert log_loss(mended, truth) < log_loss(others, truth) - 0.1
    right, _ = told(2_000, labels, 1.0, seed=1)
    assert log_loss(mended, truth) < log_loss(right, truth) + 0.02


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("rows", [60, 3_000])
def test_what_is_right_is_left_alone(labels: int, rows: int) -> None:
    assert calibrate("auto", *told(rows, labels, 1.0)) is None


def test_a_bent_curve_is_straightened_by_isotonic_alone() -> None:
    draw = np.random.default_rng(0)
    bent = draw.random(4_000)
    target = (draw.random(4_000) < np.where(bent < 0.7, 0.3, 0.7)).astype(np.int64)
    found = calibrate("auto", np.stack([1 - bent, bent], axis=1), target)
    assert found is not None
    assert found.method == "isotonic"


def test_a_wish_is_followed() -> None:
    probabilities, target = told(300, 2, 1.0)
    assert calibrate("none", *told(300, 2, 3.0)) is None
    for method in ("sigmoid", "isotonic"):
        found = calibrate(method, probabilities, target)
        assert found is not None
        assert found.method == method


def test_rows_without_a_prediction_count_for_nothing() -> None:
    probabilities, target = told(500, 2, 3.0)
    gaps = probabilities.copy()
    gaps[:50] = np.nan
    found, kept = (
        calibrate("auto", gaps, target),
        calibrate("auto", probabilities[50:], target[50:]),
    )
    assert found is not None
    assert kept is not None
    np.testing.assert_array_equal(found.apply(probabilities), kept.apply(probabilities))


def by_onnx(calibration: Calibration, probabilities: NDArray[np.float64]) -> NDArray[np.float32]:
    names = [f"p{place}" for place in range(probabilities.shape[1])]
    graph = Graph([Feature(name, name, "double") for name in names])
    tensor = calibration.add_to(graph, graph.add("Concat", names, axis=1))
    session = open_session(graph.model(tensor, "multiclass", names))
    given = {name: probabilities[:, [place]] for place, name in enumerate(names)}
    [found] = session.run(None, given)
    return np.asarray(found)


@pytest.mark.parametrize("labels", [2, 4])
@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_onnx_computes_the_same_also_at_the_ends(method: str, labels: int) -> None:
    probabilities, target = told(800, labels, 2.0)
    found = fit_calibration(method, probabilities, target)  # type: ignore[arg-type] # its values
    ends = np.eye(labels)
    rows = np.concatenate([probabilities, ends, np.full((1, labels), 1 / labels)])
    np.testing.assert_allclose(by_onnx(found, rows), found.apply(rows), atol=1e-7)


def test_isotonic_keeps_its_knots_apart_and_rises() -> None:
    probabilities, target = told(5_000, 2, 2.0)
    found = fit_isotonic(probabilities[:, 1], target)
    assert np.diff(found.knots).min() >= LEAST_GAP
    assert np.diff(found.values).min() >= 0
    assert 0 < found.values[0] < found.values[-1] < 1


def test_isotonic_of_a_single_level_is_level() -> None:
    found = fit_isotonic(np.full(20, 0.5), np.arange(20) % 2)
    np.testing.assert_allclose(found.apply(np.array([0.0, 0.5, 1.0])), 0.5)
    mended = Calibration("isotonic", [found])
    rows = np.array([[0.9, 0.1], [0.5, 0.5]])
    np.testing.assert_allclose(by_onnx(mended, rows), 0.5)
