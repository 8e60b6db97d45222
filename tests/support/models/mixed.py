"""A model of columns of every kind, whose answer changes with each value; nothing learnt it."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from functions.kit.contract.models.signature import Certainty, Encoding, Feature, Signature, Task
from functions.kit.contract.records.columns import Column, Suggested
from tests.support.models.onnx import Exported

COLUMNS = [
    Column("amount", "number", minimum=-1e6, suggested=Suggested(0, 100)),
    Column("fine share", "number"),
    Column("rooms", "integer", required=True, minimum=-1000),
    Column("owns, or not", "boolean"),
    Column("sex", "category", levels=["female", "male", "é"]),
    Column('the "town"', "category", suggested=Suggested(levels=["Oslo", "a,b"])),
    Column("note", "text"),
    Column("born", "date"),
    Column("seen", "datetime"),
]
ENCODINGS: list[Encoding] = [
    *("float", "double", "float", "double", "string", "string", "string", "double", "float"),
]
LABELS = ["no", 'yes, "probably"', "probability"]
_WORDS = ["", "female", "male", "é", "Oslo", "a,b", 'say "so"', "NaN", "null", "1", "two\nlines"]
_SCALES = [1e-3, 1e-3, 1e-2, 1.0, 1.0, 1.0, 1.0, 1e-9, 1e-4]
_KINDS = {"float": TensorProto.FLOAT, "double": TensorProto.DOUBLE, "string": TensorProto.STRING}


def mixed(task: Task = "multiclass") -> Exported:
    """Return a model of `COLUMNS`, of three labels or a value."""
    features = [
        Feature(column.name, f"x{place}", encoding)
        for place, (column, encoding) in enumerate(zip(COLUMNS, ENCODINGS, strict=True))
    ]
    nodes: list[Any] = []
    for place, (feature, scale) in enumerate(zip(features, _SCALES, strict=True)):
        nodes += _number(feature, place, scale)
    nodes.append(helper.make_node("Sum", [f"n{place}" for place in range(len(features))], ["all"]))
    regression = task == "regression"
    nodes += _value() if regression else _shares()
    output = (
        ("value", TensorProto.DOUBLE, 1) if regression else ("probabilities", TensorProto.FLOAT, 3)
    )
    graph = helper.make_graph(
        nodes,
        "mixed",
        [
            helper.make_tensor_value_info(one.input, _KINDS[one.encoding], [None, 1])
            for one in features
        ],
        [helper.make_tensor_value_info(output[0], output[1], [None, output[2]])],
        [
            numpy_helper.from_array(np.array(scale, np.float64), f"s{place}")
            for place, scale in enumerate(_SCALES)
        ]
        + [
            numpy_helper.from_array(np.array(-2.5), "gap"),
            numpy_helper.from_array(np.array([[0.1, -0.2, 0.3]]), "weights"),
        ],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    labels = [] if regression else LABELS
    signature = Signature(task, "y", COLUMNS, features, labels, certainty=_certainty(task))
    return Exported(model.SerializeToString(), signature)


def _certainty(task: Task) -> Certainty:
    if task == "regression":
        return Certainty([0.8, 0.9], widths=[1.0, 2.0])
    return Certainty([0.8, 0.9], scores=[[0.5, 0.6, 0.7], [0.6, 0.7, 0.8]])


def _number(feature: Feature, place: int, scale: float) -> list[Any]:
    """Return what makes a number of a column, and one of its own of a value that is missing."""
    node, given = helper.make_node, feature.input
    if feature.encoding == "string":
        words: dict[str, Any] = {
            "keys_strings": _WORDS,
            "values_floats": [float(one) for one in range(len(_WORDS))],
            "default_float": 99.0,
        }
        return [
            node("LabelEncoder", [given], [f"w{place}"], domain="ai.onnx.ml", **words),
            node("Cast", [f"w{place}"], [f"n{place}"], to=TensorProto.DOUBLE),
        ]
    return [
        node("Cast", [given], [f"d{place}"], to=TensorProto.DOUBLE),
        node("IsNaN", [f"d{place}"], [f"g{place}"]),
        node("Mul", [f"d{place}", f"s{place}"], [f"m{place}"]),
        node("Where", [f"g{place}", "gap", f"m{place}"], [f"n{place}"]),
    ]


def _value() -> list[Any]:
    return [helper.make_node("Identity", ["all"], ["value"])]


def _shares() -> list[Any]:
    return [
        helper.make_node("Cast", ["all"], ["all32"], to=TensorProto.FLOAT),
        helper.make_node("Sin", ["all32"], ["wave"]),
        helper.make_node("Cast", ["weights"], ["weights32"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["wave", "weights32"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
