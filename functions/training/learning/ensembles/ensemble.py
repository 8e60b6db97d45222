"""Several fitted models as one, in Python and as one ONNX file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Signature
from functions.training.learning.calibration.calibration import Calibration
from functions.training.learning.certainty.spread import Spread
from functions.training.learning.graph.graph import Graph


class Member(Protocol):
    """What has learnt."""

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor, double: [rows, labels] or [rows, 1]."""


@dataclass(frozen=True)
class Ensemble:
    """A weighted mean of models, its probabilities calibrated.

    Attributes:
        members: weights, that sum to 1, and models; one alone is an ensemble, too.
        spread: of a regression, tells how far off a row may be, if that was learnt.
    """

    members: Sequence[tuple[float, Member]]
    calibration: Calibration | None = None
    spread: Spread | None = None

    def combined(self, predictions: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return probabilities [rows, labels], or numbers [rows], of what each member predicts."""
        pairs = zip(self.members, predictions, strict=True)
        found = np.sum([weight * one for (weight, _), one in pairs], axis=0)
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

    def _weighted(self, graph: Graph, weight: float, model: Member) -> str:
        tensor = model.add_to(graph)
        if weight == 1:
            return tensor
        return graph.add("Mul", [tensor, graph.constant(np.array(weight))])
