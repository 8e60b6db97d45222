"""Trees as arrays, and as the one ONNX node that sums them.

Thresholds and leaves stay float64, and the matrix is cast up to them: every comparison is the very
one that scikit-learn and LightGBM make. So no threshold is rounded, and none has to be repaired.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from functions.training.learning.candidates.estimators.links import as_double
from functions.training.learning.graph.graph import Graph


@dataclass(frozen=True)
class Tree:
    """A tree; each array is over its nodes, the root first.

    Attributes:
        feature: the column that is looked at.
        threshold: a row goes left where its value is at most this; where `equals`, exactly this.
        left: the next node; in leaves whatever.
        right: likewise.
        missing_left: whether a missing value goes left.
        values: what a leaf adds to each of the tree's outputs, [nodes, outputs].
        first: where those outputs begin among all.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    equals: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaf: NDArray[np.bool_]
    missing_left: NDArray[np.bool_]
    values: NDArray[np.float64]
    first: int = 0


def add_sum(graph: Graph, tensor: str, trees: Sequence[Tree], outputs: int) -> str:
    """Add the sum of `trees` over a float32 `tensor`; return it, double [rows, outputs]."""
    total = graph.add(
        "TreeEnsembleRegressor",
        [as_double(graph, tensor)],
        domain="ai.onnx.ml",
        n_targets=outputs,
        aggregate_function="SUM",
        post_transform="NONE",
        **_nodes(trees),
        **_leaves(trees),
    )
    return as_double(graph, total)  # the node sums in double, and gives float32


def _tensor(name: str, values: NDArray[np.float64]) -> Any:
    return numpy_helper.from_array(values, name)


def _nodes(trees: Sequence[Tree]) -> dict[str, Any]:
    leaf = np.concatenate([one.leaf for one in trees])
    inner, sizes = ~leaf, [len(one.leaf) for one in trees]

    def flat(name: str) -> NDArray[Any]:
        return np.where(inner, np.concatenate([getattr(one, name) for one in trees]), 0)

    modes = np.where(flat("equals"), b"BRANCH_EQ", b"BRANCH_LEQ")
    return {
        "nodes_treeids": np.repeat(
            np.arange(len(trees)), [len(one.leaf) for one in trees]
        ).tolist(),
        "nodes_nodeids": np.concatenate([np.arange(size) for size in sizes]).tolist(),
        "nodes_featureids": flat("feature").tolist(),
        "nodes_modes": np.where(leaf, b"LEAF", modes).tolist(),
        "nodes_values_as_tensor": _tensor("thresholds", flat("threshold").astype(np.float64)),
        "nodes_truenodeids": flat("left").tolist(),
        "nodes_falsenodeids": flat("right").tolist(),
        "nodes_missing_value_tracks_true": flat("missing_left").astype(np.int64).tolist(),
    }


def _leaves(trees: Sequence[Tree]) -> dict[str, Any]:
    found = [_leaves_of(place, one) for place, one in enumerate(trees)]
    ids = np.concatenate([one for one, _ in found], axis=1)
    return {
        "target_treeids": ids[0].tolist(),
        "target_nodeids": ids[1].tolist(),
        "target_ids": ids[2].tolist(),
        "target_weights_as_tensor": _tensor("leaves", np.concatenate([one for _, one in found])),
    }


def _leaves_of(place: int, tree: Tree) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return [tree, node, output] and the weight of all that is not zero, and of one a leaf."""
    told = (tree.values != 0) & tree.leaf[:, None]
    told[tree.leaf & ~told.any(axis=1), 0] = True
    nodes, outputs = np.nonzero(told)
    return np.stack([np.full(len(nodes), place), nodes, outputs + tree.first]), tree.values[told]
