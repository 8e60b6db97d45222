"""A fitted model between the step that fitted it and the one that puts the file together."""

from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Signature
from functions.training.learning.candidates.fitted_model import FittedModel
from functions.training.learning.graph import parity, session
from functions.training.learning.graph.graft import graft
from functions.training.learning.graph.graph import Graph

ANSWER = "/answer"


@dataclass(frozen=True)
class Exported:
    """A model as a graph, proved to predict as what was fitted.

    Attributes:
        onnx: gives ANSWER, double: probabilities [rows, labels] or numbers [rows, 1].
        predicted: what the fitted model itself says of the held-out rows: [rows, labels] or [rows].
    """

    onnx: bytes
    predicted: NDArray[np.float64]

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor, double: [rows, labels] or [rows, 1]."""
        return graft(graph, onnx.load_model_from_string(self.onnx), ANSWER)


def export(model: FittedModel, signature: Signature, held_out: Inputs) -> Exported:
    """Return a fitted model as a graph.

    Raises:
        Mismatch: the graph does not predict the held-out rows as the model does.
    """
    predicted = model.predict(held_out)
    graph = Graph(signature.features)
    columns = predicted.shape[1] if predicted.ndim > 1 else 1
    made = graph.give({ANSWER: (model.add_to(graph), np.float64, columns)})
    data: bytes = made.SerializeToString()
    answered = session.run(open_session(data), held_out).reshape(predicted.shape)
    parity.prove(predicted, answered, model.scale)
    return Exported(data, predicted)
