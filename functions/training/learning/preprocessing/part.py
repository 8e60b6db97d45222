"""What the parts of a preprocessor have in common.

A part learns from the training rows, and is then a piece of graph. Training runs that very piece
in onnxruntime, so that what it prepares and what a served model prepares cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature, Task
from functions.training.learning.graph import session
from functions.training.learning.graph.graph import Graph
from functions.training.learning.rows import Rows
from functions.training.learning.views import View


@dataclass(frozen=True)
class Wish:
    """For whom a preprocessor prepares.

    Attributes:
        view: "linear": dense, scaled, nothing missing; "trees": few columns; "native": as trees,
            categories as codes.
        allow_missing: whether NaN may stay where a number is missing.
        labels: how many classes; 0 of a regression.
        seed: of the folds that target encoding is fitted in.
    """

    view: View
    allow_missing: bool
    task: Task
    labels: int
    seed: int

    @property
    def keeps_missing(self) -> bool:
        """Tell whether NaN stays."""
        return self.allow_missing and self.view != "linear"


class Part(Protocol):
    """Some columns of the matrix.

    Attributes:
        names: of the columns, each as "column: what of it".
        categories: which of them are codes.
    """

    names: list[str]
    categories: list[int]

    def fit(self, rows: Rows) -> None:
        """Learn from the training rows."""

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, columns], float32."""

    def own(self, rows: Rows) -> NDArray[np.float32] | None:
        """Return the columns of the very rows that it was fitted on, if they differ.

        What follows from a row's own target must not be shown to a model that is fitted on it.
        """


def evaluate(
    features: Sequence[Feature], inputs: Inputs, tensor: str, graph: Graph, dtype: type
) -> NDArray[Any]:
    """Return what a tensor of a graph over `features` is for these rows: [rows, columns]."""
    model = graph.give({"/result": (tensor, dtype, None)})
    opened = open_session(model.SerializeToString())
    return session.run(opened, {one.input: inputs[one.input] for one in features})
