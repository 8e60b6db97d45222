"""Squared distances between rows, computed alike here and in ONNX."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.graph.graph import Graph


def squared(matrix: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the squared distances [rows, others]; never below zero."""
    found = _squares(matrix)[:, None] - 2 * (matrix @ others.T) + _squares(others)[None, :]
    return np.maximum(found, 0.0, out=found)


def add_squared(graph: Graph, tensor: str, others: NDArray[np.float64]) -> str:
    """Add the squared distances of a double `tensor` [rows, width] from each of `others`."""
    axes = graph.constant(np.array([1]))
    own = graph.add("ReduceSum", [graph.add("Mul", [tensor, tensor]), axes], keepdims=1)
    product = graph.add("MatMul", [tensor, graph.constant(-2 * others.T)])
    found = graph.add("Add", [graph.add("Add", [own, product]), graph.constant(_squares(others))])
    return graph.add("Relu", [found])


def _squares(matrix: NDArray[Any]) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = np.einsum("ij,ij->i", matrix, matrix)
    return squares
