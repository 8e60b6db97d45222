"""Models with background rows, and what explains them."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from functions.kit.contract.models.background import Background
from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.registration import ModelFile
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.explanations import Explanation
from functions.prediction.service.explaining import Explainer
from tests.support.models.onnx import Exported, describe

EFFORT = 2_000
Record = dict[str, Any]
PEOPLE: list[Record] = [
    {"age": 20.0, "rooms": 2, "owns home": False, "sex": "male"},
    {"age": 35.5, "rooms": 1, "owns home": True, "sex": "female"},
    {"age": None, "rooms": 5, "owns home": False, "sex": "female"},
    {"age": 71.0, "rooms": 4, "owns home": True, "sex": "male"},
]
ANN: Record = {"age": 30.0, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
BOB: Record = {"age": 70.5, "rooms": 5, "owns home": False, "sex": "male", "name": None}


def stored(background: Background) -> tuple[ModelFile, bytes]:
    """Return background rows as a file, and what a registration says of it."""
    data = background.to_bytes()
    return ModelFile("models/people/b.npz", hashlib.sha256(data).hexdigest(), len(data)), data


class Explained:
    """A version that is ready, and explained.

    Args:
        exported: the model.
        rows: its background rows, as records.
        effort: theirs.
        changes: of the signature.

    Attributes:
        runs: how many rows the model was run on, each time.
    """

    def __init__(
        self,
        exported: Exported,
        rows: Sequence[dict[str, Any]],
        effort: int = EFFORT,
        **changes: Any,
    ) -> None:
        signature = msgspec.structs.replace(exported.signature, **changes)
        plain = Predictor(describe(exported, signature=signature), exported.data)
        self.background = Background(encoder(signature)(plain.reader.convert(rows)), effort)
        file, data = stored(self.background)
        version = describe(exported, signature=signature, background=file)
        self.predictor = Predictor(version, exported.data)
        self.explainer = Explainer(lambda _: data)
        self.runs: list[int] = []
        self._watch()

    def _watch(self) -> None:
        genuine = self.predictor.run

        def run(inputs: Any) -> Any:
            found = genuine(inputs)
            self.runs.append(len(found))
            return found

        vars(self.predictor)["run"] = run

    def output(self, records: Sequence[dict[str, Any]]) -> Any:
        """Return what the model says of records."""
        return self.predictor.run(self.predictor.encode(self.predictor.reader.convert(records)))

    def explain(self, *records: dict[str, Any]) -> Sequence[Explanation]:
        """Return the explanations of records."""
        rows = self.predictor.reader.convert(records)
        inputs = self.predictor.encode(rows)
        output = self.predictor.run(inputs)
        self.runs.clear()
        return self.explainer.explain(self.predictor, rows, inputs, output)


def by_column(one: Explanation) -> dict[str, float]:
    """Return what each column adds."""
    return {found.column: found.contribution for found in one.columns}


def wide(columns: int, weights: Any = None) -> Exported:
    """Return a regression of so many numbers in which each counts alone, and all do together."""
    if weights is None:
        weights = np.random.default_rng(0).normal(size=columns)
    weights = np.array(weights, np.float32).reshape(columns, 1)
    names = [f"x{place}" for place in range(columns)]
    nodes = [
        helper.make_node("Concat", names, ["all"], axis=1),
        helper.make_node("MatMul", ["all", "weights"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["bent"]),
        helper.make_node("Add", ["bent", "sum"], ["value"]),
    ]
    inputs = [helper.make_tensor_value_info(one, TensorProto.FLOAT, [None, 1]) for one in names]
    output = helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])
    constants = [numpy_helper.from_array(weights, "weights")]
    graph = helper.make_graph(nodes, "wide", inputs, [output], constants)
    opsets = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    signature = Signature(
        "regression",
        "y",
        [Column(one, "number") for one in names],
        [Feature(one, one, "float") for one in names],
    )
    return Exported(model.SerializeToString(), signature)


def numbers(columns: int, rows: int, seed: int = 1) -> list[dict[str, float]]:
    """Return records of numbers for `wide`."""
    found = np.random.default_rng(seed).normal(size=(rows, columns)).round(3).tolist()
    return [{f"x{place}": value for place, value in enumerate(row)} for row in found]
