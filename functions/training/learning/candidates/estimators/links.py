"""Nodes that several estimators end with: from scores to the answer, in double."""

import numpy as np

from functions.training.learning.graph.graph import Graph

DOUBLE = 11  # onnx.TensorProto.DOUBLE


def as_double(graph: Graph, tensor: str) -> str:
    """Cast to double."""
    return graph.add("Cast", [tensor], to=DOUBLE)


def column(graph: Graph, tensor: str, place: int) -> str:
    """Return one column, [rows, 1]."""
    return graph.add("Gather", [tensor, graph.constant(np.array([place]))], axis=1)


def both_sides(graph: Graph, positive: str) -> str:
    """Turn the second label's probability [rows, 1] into both, [rows, 2]."""
    other = graph.add("Sub", [graph.constant(np.array(1.0)), positive])
    return graph.add("Concat", [other, positive], axis=1)


def probabilities(graph: Graph, scores: str, width: int) -> str:
    """Turn log odds [rows, 1], or one score a label, into probabilities."""
    if width == 1:
        return both_sides(graph, graph.add("Sigmoid", [scores]))
    return graph.add("Softmax", [scores], axis=1)


def affine(graph: Graph, tensor: str, weights: np.ndarray, shift: np.ndarray) -> str:
    """Multiply a double tensor by `weights` [width, outputs] and add `shift` [outputs]."""
    product = graph.add("MatMul", [tensor, graph.constant(weights.astype(np.float64))])
    return graph.add("Add", [product, graph.constant(shift.astype(np.float64))])


def normalised(graph: Graph, tensor: str) -> str:
    """Divide each row by its sum."""
    axes = graph.constant(np.array([1]))
    return graph.add("Div", [tensor, graph.add("ReduceSum", [tensor, axes], keepdims=1)])
