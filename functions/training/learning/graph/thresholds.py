"""Thresholds of trees, as ONNX keeps them: float32.

An estimator compares a float32 value with a float64 threshold. Rounded to the nearest float32, a
threshold may come to lie above a value that it was below; rounded down, every float32 value is on
the side where it was.
"""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

TREES = {"TreeEnsembleClassifier", "TreeEnsembleRegressor"}


def round_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return for each the largest float32 that is not above it."""
    near = thresholds.astype(np.float32)
    above = near.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(near, np.float32(-np.inf)), near)


def round_down_thresholds(model: onnx.ModelProto, thresholds: NDArray[np.float64]) -> None:
    """Put the estimator's thresholds, rounded down, into the one tree ensemble of `model`.

    Args:
        model: changed in place.
        thresholds: of every node, in the file's order; those of leaves count for nothing.

    Raises:
        ValueError: the file has no ensemble with as many nodes.
    """
    found = [node for node in model.graph.node if node.op_type in TREES]
    if len(found) != 1:
        raise ValueError(f"{len(found)} tree ensembles in the file, not one")
    [values] = (one for one in found[0].attribute if one.name.startswith("nodes_values"))
    count = len(values.floats) or numpy_helper.to_array(values.t).size
    if count != len(thresholds):
        raise ValueError(f"{count} nodes in the file, {len(thresholds)} thresholds")
    values.CopyFrom(helper.make_attribute("nodes_values", round_down(thresholds).tolist()))


def round_down_in(estimator: Any) -> None:
    """Round the thresholds of scikit-learn's gradient boosting down, in place.

    What it predicts for float32 values stays the same, and the converter then changes nothing.
    Other trees of scikit-learn's are rounded down by their converter.
    """
    for trees in getattr(estimator, "_predictors", ()):
        for tree in trees:
            nodes = tree.nodes
            nodes["num_threshold"] = round_down(nodes["num_threshold"])
