"""From inputs to the matrix that an estimator takes: one way, in training and in serving."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.onnx import open_session
from functions.kit.contract.models.signature import Feature
from functions.training.learning.graph import session
from functions.training.learning.graph.graph import Graph
from functions.training.learning.preprocessing import made
from functions.training.learning.preprocessing.categories.lookup import Lookup
from functions.training.learning.preprocessing.moments import Moments
from functions.training.learning.preprocessing.numbers import Numbers
from functions.training.learning.preprocessing.part import Part, Wish
from functions.training.learning.preprocessing.prose import Prose
from functions.training.learning.preprocessing.sources import Given, Source
from functions.training.learning.rows import Rows
from functions.training.learning.views import View
from functions.training.model.task import UnsuitableData

if TYPE_CHECKING:
    from functions.training.learning.plan import Plan

MATRIX = "/matrix"


class Preprocessor:
    """Learns how to prepare rows, prepares them, and gives the graph that does so.

    Attributes:
        names: of the matrix's columns, each as "column: what of it".
        categories: which columns of the matrix are codes of categories (native view).
    """

    def __init__(self, features: list[Feature], parts: list[Part]) -> None:
        self._features = features
        self._parts = parts
        self._session: ort.InferenceSession | None = None
        self.names: list[str] = []
        self.categories: list[int] = []

    @property
    def width(self) -> int:
        """How many columns the matrix has."""
        return len(self.names)

    def fit_transform(
        self, rows: Rows, check: Callable[[int], None] = lambda _: None
    ) -> NDArray[np.float32]:
        """Learn from the training rows, and return their matrix [rows, width].

        Target means are those of other rows: see `Part.own`.

        Args:
            rows: what is learnt from.
            check: told the width before the matrix is made; what it raises is raised.

        Raises:
            UnsuitableData: no column is left.
        """
        self.names, self.categories = [], []
        for part in self._parts:
            part.fit(rows)
            self.categories += [self.width + place for place in part.categories]
            self.names += part.names
        if not self.names:
            raise UnsuitableData("No column tells the rows apart; there is nothing to learn from.")
        check(self.width)
        self._session = self._open()
        matrix = np.empty((rows.rows, self.width), np.float32)
        for place, inputs in rows.blocks():
            self._fill(matrix[place], inputs)
        begin = 0
        for part in self._parts:
            own = part.own(rows)
            if own is not None:
                matrix[:, begin : begin + len(part.names)] = own
            begin += len(part.names)
        return matrix

    def _open(self) -> ort.InferenceSession:
        graph = Graph(self._features)
        model = graph.give({MATRIX: (self.add_to(graph), np.float32, self.width)})
        return open_session(model.SerializeToString())

    def transform(self, inputs: Inputs) -> NDArray[np.float32]:
        """Return the matrix [rows, width]; raises ValueError before `fit_transform`."""
        rows = len(next(iter(inputs.values())))
        matrix = np.empty((rows, self.width), np.float32)
        self._fill(matrix, inputs)
        return matrix

    def _fill(self, matrix: NDArray[np.float32], inputs: Inputs) -> None:
        if self._session is None:
            raise ValueError("the preprocessor has learnt nothing yet")
        for place, part in session.parts(inputs):
            [matrix[place]] = self._session.run(None, part)

    def add_to(self, graph: Graph) -> str:
        """Add the nodes; return the tensor [rows, width], float32."""
        parts = [part.add_to(graph) for part in self._parts if part.names]
        return parts[0] if len(parts) == 1 else graph.add("Concat", parts, axis=1)


def preprocessor(
    view: View, plan: "Plan", *, allow_missing: bool = True, seed: int = 0
) -> Preprocessor:
    """Return an unfitted preprocessor of a plan's inputs.

    Args:
        view: for which kind of estimator; see `Wish`.
        plan: whose inputs.
        allow_missing: whether the estimator takes NaN.
        seed: of the folds that target encoding is fitted in.
    """
    signature = plan.signature
    wish = Wish(view, allow_missing, signature.task, len(signature.labels), seed)
    return Preprocessor(signature.features, _parts(plan, wish))


def _parts(plan: "Plan", wish: Wish) -> list[Part]:
    kinds = {column.name: column.kind for column in plan.signature.columns}
    sources: list[Source] = []
    parts: list[Part] = []
    for one in plan.signature.features:
        if one.input in plan.only_made:
            continue
        match one.encoding:
            case "float" | "double":
                sources.append(Given(one))
                if kinds[one.column] in {"datetime", "date"}:
                    parts.append(Moments(one, wish))
            case "string":
                parts.append(Lookup(one, wish))
            case _:
                parts.append(Prose(one, wish))
    sources += [made.of(one, plan.signature.features) for one in plan.made]
    return [Numbers(sources, wish), *parts] if sources else parts
