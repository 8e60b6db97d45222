"""One ONNX graph, put together piece by piece: preprocessing of ours, and converted models.

What is the same is there once: a node is named by what it does to what, so that the members of an
ensemble that prepare their inputs alike share the nodes that do so.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx.defs
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from functions.kit.contract.models.signature import (
    PROBABILITIES,
    SPREAD,
    VALUE,
    Encoding,
    Feature,
    Task,
)

OPSET, ML_OPSET, IR_VERSION = 20, 3, 10
ML = "ai.onnx.ml"
OPSETS = {"": OPSET, ML: ML_OPSET}
TYPES: dict[Encoding, int] = {
    "float": TensorProto.FLOAT,
    "double": TensorProto.DOUBLE,
    "string": TensorProto.STRING,
    "words": TensorProto.STRING,
    "characters": TensorProto.STRING,
}
# The node's operator and inputs, and a digest of its attributes.
_Key = tuple[str, str, tuple[str, ...], bytes]


class Graph:
    """Collects nodes over the inputs of `features`, each [rows, 1].

    Names that it gives have a stroke in them, which no input's has.

    Attributes:
        inputs: their names.
    """

    def __init__(self, features: Sequence[Feature]) -> None:
        self.inputs = [one.input for one in features]
        self._types = [TYPES[one.encoding] for one in features]
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[TensorProto] = []
        self._known: dict[_Key, list[str]] = {}
        self._parts = 0

    def add(
        self,
        op: str,
        inputs: Sequence[str],
        *,
        domain: str = "",
        output: int = 0,
        **attributes: Any,
    ) -> str:
        """Add a node and return the name of its output number `output`."""
        node = helper.make_node(op, inputs, [], domain=domain, **attributes)
        return self.put(node, onnx.defs.get_schema(op, OPSETS[domain], domain).min_output)[output]

    def put(self, node: onnx.NodeProto, outputs: int) -> list[str]:
        """Add a node that takes tensors of ours; return the names of its outputs."""
        op = node.op_type
        key = (node.domain, op, tuple(node.input), _digest(node))
        names = self._known.setdefault(key, [])
        if not names:
            names += [f"{op}/{len(self._known)}/{place}" for place in range(outputs)]
            node.output[:] = names
            self._nodes.append(node)
        return names

    def constant(self, array: NDArray[Any]) -> str:
        """Add an array and return its name; texts are an array of `object`."""
        return self.put_constant(numpy_helper.from_array(array))

    def put_constant(self, held: TensorProto) -> str:
        """Add a tensor without a name and return the name that it gets."""
        key = ("", "constant", (), hashlib.sha256(held.SerializeToString()).digest())
        names = self._known.setdefault(key, [])
        if not names:
            held.name = f"constant/{len(self._known)}"
            names.append(held.name)
            self._initializers.append(held)
        return names[0]

    def embed(self, model: onnx.ModelProto, inputs: Mapping[str, str], output: str) -> str:
        """Add a whole model that takes tensors of ours; return the name that its `output` has here.

        Args:
            model: as a converter gives it; its opset is at most OPSET.
            inputs: each input of the model → the tensor of this graph that it is given.
            output: the one output that is of use.
        """
        prefix = f"part/{self._parts}/"
        self._parts += 1
        part = compose.add_prefix(model, prefix).graph
        self._initializers += part.initializer
        for theirs, ours in inputs.items():
            self._nodes.append(helper.make_node("Identity", [ours], [prefix + theirs]))
        self._nodes += part.node
        return prefix + output

    def model(
        self, output: str, task: Task, labels: Sequence[str], spread: str | None = None
    ) -> bytes:
        """Return the file that gives the tensor `output` as the answer.

        Args:
            output: probabilities [rows, labels], or numbers [rows, 1], of any float type.
            task: what is predicted.
            labels: the classes.
            spread: of a regression, the tensor that tells how far off a row may be, [rows, 1].

        Raises:
            onnx.checker.ValidationError: what was put together is no valid graph.
        """
        if task == "regression":
            beside = {} if spread is None else {SPREAD: (spread, np.float64, 1)}
            made = self.give({VALUE: (output, np.float64, 1), **beside})
        else:
            made = self.give({PROBABILITIES: (self._shares(output), np.float32, len(labels))})
        onnx.checker.check_model(made, full_check=True)
        data: bytes = made.SerializeToString()
        return data

    def _shares(self, tensor: str) -> str:
        """Keep within 0 and 1 what sums of float32 carry over them."""
        least, most = (self.constant(np.array(one, np.float32)) for one in (0, 1))
        return self.add("Clip", [self.add("Cast", [tensor], to=TensorProto.FLOAT), least, most])

    def give(self, outputs: Mapping[str, tuple[str, type, int | None]]) -> onnx.ModelProto:
        """Return a model with these outputs: name → tensor, type that it is cast to, columns."""
        nodes, described = _used(self._nodes, [one for one, *_ in outputs.values()]), []
        for name, (tensor, dtype, columns) in outputs.items():
            kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
            nodes.append(helper.make_node("Cast", [tensor], [name], to=kind))
            described.append(helper.make_tensor_value_info(name, kind, [None, columns]))
        needed = {one for node in nodes for one in _inputs(node)}
        graph = helper.make_graph(
            nodes,
            "mayfly",
            [
                helper.make_tensor_value_info(name, kind, [None, 1])
                for name, kind in zip(self.inputs, self._types, strict=True)
            ],
            described,
            [one for one in self._initializers if one.name in needed],
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def _digest(node: onnx.NodeProto) -> bytes:
    attributes = sorted(one.SerializeToString() for one in node.attribute)
    return hashlib.sha256(b"".join(attributes)).digest()


def _used(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """Return the nodes that the outputs need, in their order."""
    needed, kept = set(outputs), []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(_inputs(node))
            kept.append(node)
    return kept[::-1]


def _inputs(node: onnx.NodeProto) -> list[str]:
    """Return what a node takes, and what the graphs within it may take from outside."""
    inner = [one.g for one in node.attribute if one.HasField("g")]
    return [*node.input, *(name for graph in inner for one in graph.node for name in _inputs(one))]
