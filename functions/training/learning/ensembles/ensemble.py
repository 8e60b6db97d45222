"""Several fitted models as one, in Python and as one ONNX file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs
from functions.kit.contract.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.candidates.fitted_model import FittedModel
from functions.training.learning.certainty.spread import Spread
from functions.training.learning.graph.graph import Graph
from functions.training.learning.graph.parity import Scale


@dataclass(frozen=True)
class Ensemble:
    """A weighted mean of models, its probabilities calibrated.

    Attributes:
        members: weights, that sum to 1, and models; one alone is an ensemble, too.
        spread: of a regression, tells how far off a row may be, if that was learnt.
    """

    members: list[tuple[float, FittedModel]]
    calibration: Calibration | None = None
    spread: Spread | None = None

    @property
    def scale(self) -> Scale:
        """Return what differences of its predictions are held to."""
        return self.members[0][1].scale

    def predict(self, inputs: Inputs) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows]."""
        found = np.sum([weight * one.predict(inputs) for weight, one in self.members], axis=0)
        return found if self.calibration is None else self.calibration.apply(found)

    def to_onnx(self, signature: Signature) -> bytes:
        """Return the file; what members prepare alike is in it once.

        Raises:
            onnx.checker.ValidationError: what was put together is no valid graph.
        """
        graph = Graph(signature.features)
        parts = [self._weighted(graph, weight, one) for weight, one in self.members]
        tensor = parts[0] if len(parts) == 1 else graph.add("Sum", parts)
        if self.calibration is not None:
            tensor = self.calibration.add_to(graph, tensor)
        spread = None if self.spread is None else self.spread.add_to(graph)
        return graph.model(tensor, signature.task, signature.labels, spread)

    def _weighted(self, graph: Graph, weight: float, model: FittedModel) -> str:
        tensor = model.add_to(graph)
        if weight == 1:
            return tensor
        return graph.add("Mul", [tensor, graph.constant(np.array(weight))])
