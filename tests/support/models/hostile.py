"""ONNX files that fit the signature of `onnx.heavy`, and do harm or do not fit after all."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
HUGE = 10**11
AGE = helper.make_tensor_value_info("age", FLOAT, [None, 1])
VALUE = helper.make_tensor_value_info("value", FLOAT, [None, 1])


def model(
    nodes: Sequence[Any],
    *initializers: Any,
    inputs: Sequence[Any] = (AGE,),
    outputs: Sequence[Any] = (VALUE,),
    opsets: dict[str, int] | None = None,
    **more: Any,
) -> ModelProto:
    graph = helper.make_graph(nodes, "hostile", inputs, outputs, list(initializers))
    domains = [helper.make_opsetid(*one) for one in (opsets or {"": 18}).items()]
    return helper.make_model(graph, opset_imports=domains, ir_version=10, **more)


def number(name: str, value: Any) -> Any:
    return numpy_helper.from_array(np.array(value), name)


def identity(**changes: Any) -> ModelProto:
    return model([helper.make_node("Identity", ["age"], ["value"])], **changes)


def info(name: str, kind: int = FLOAT, shape: Sequence[Any] = (None, 1)) -> Any:
    return helper.make_tensor_value_info(name, kind, list(shape))


def outside(tensor: Any) -> Any:
    """Let a tensor's data lie in another file."""
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def external() -> ModelProto:
    weight = outside(numpy_helper.from_array(np.ones((1, 1), np.float32), "weight"))
    return model([helper.make_node("MatMul", ["age", "weight"], ["value"])], weight)


def external_in_a_branch() -> ModelProto:
    constant = helper.make_node("Constant", [], ["inner"], value=outside(number("w", [1.0])))
    branch = helper.make_graph([constant], "branch", [], [info("inner", TensorProto.DOUBLE, [1])])
    choose = helper.make_node("If", ["yes"], ["x"], then_branch=branch, else_branch=branch)
    same = helper.make_node("Identity", ["age"], ["value"])
    return model([choose, same], number("yes", value=True))


def external_in_a_sparse_tensor() -> ModelProto:
    found = identity()
    values, places = (
        outside(numpy_helper.from_array(np.ones(1, np.float32), "sparse")),
        number("places", [0]),
    )
    found.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [1]))
    return found


def allocates_when_opened() -> ModelProto:
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        helper.make_node("Add", ["age", "sum"], ["value"]),
    ]
    return model(nodes, number("shape", [HUGE]))


def allocates_when_run() -> ModelProto:
    nodes = [
        helper.make_node("Shape", ["age"], ["shape"]),
        helper.make_node("Mul", ["shape", "huge"], ["more"]),
        helper.make_node("ConstantOfShape", ["more"], ["zeros"]),
        helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0),
        helper.make_node("Add", ["age", "sum"], ["value"]),
    ]
    return model(nodes, number("huge", [HUGE, 1]))


def loops() -> ModelProto:
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["on"], ["still"]),
            helper.make_node("Sin", ["before"], ["after"]),
        ],
        "body",
        [info("turn", INT64, []), info("on", TensorProto.BOOL, []), info("before")],
        [info("still", TensorProto.BOOL, []), info("after")],
    )
    loop = helper.make_node("Loop", ["turns", "yes", "age"], ["value"], body=body)
    return model([loop], number("turns", 2**62), number("yes", value=True))


def grows_when_opened() -> ModelProto:
    """Functions that call the next one twice: 2 to the power of 40 nodes when written out."""
    levels = 40
    domains = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    functions = [
        helper.make_function(
            "own",
            f"f{level}",
            ["x"],
            ["y"],
            [
                helper.make_node(f"f{level + 1}", ["x"], ["half"], domain="own"),
                helper.make_node(f"f{level + 1}", ["half"], ["y"], domain="own"),
            ],
            domains,
        )
        for level in range(levels)
    ]
    last = [helper.make_node("Sin", ["x"], ["y"])]
    functions.append(helper.make_function("own", f"f{levels}", ["x"], ["y"], last, domains))
    first = helper.make_node("f0", ["age"], ["value"], domain="own")
    return model([first], opsets={"": 18, "own": 1}, functions=functions)


def unknown_operator() -> ModelProto:
    node = helper.make_node("Steal", ["age"], ["value"], domain="evil")
    return model([node], opsets={"": 18, "evil": 1})


# What is wrong → (the file, what the refusal says, its field).
MISFITS: dict[str, tuple[Callable[[], ModelProto], str, str]] = {
    "external data": (external, "those of 'weight' lie elsewhere", "file"),
    "external data in a branch": (external_in_a_branch, "those of 'w' lie elsewhere", "file"),
    "external sparse data": (
        external_in_a_sparse_tensor,
        "those of 'sparse' lie elsewhere",
        "file",
    ),
    "opset": (lambda: identity(opsets={"": 99}), "of ai.onnx at most, not 99", "file"),
    "ml opset": (
        lambda: identity(opsets={"": 18, "ai.onnx.ml": 99}),
        "of ai.onnx.ml at most, not 99",
        "file",
    ),
    "unknown operator": (unknown_operator, "onnxruntime cannot open it", "file"),
    "an input's name": (
        lambda: model([helper.make_node("Identity", ["x"], ["value"])], inputs=[info("x")]),
        "the file's inputs ['x'], not ['age']",
        "signature.features",
    ),
    "an input's type": (
        lambda: model(
            [helper.make_node("Cast", ["age"], ["value"], to=FLOAT)],
            inputs=[info("age", TensorProto.DOUBLE)],
        ),
        "'age' to be tensor(float); it is tensor(double)",
        "signature.features",
    ),
    "an input's fixed rows": (
        lambda: identity(inputs=[info("age", shape=[1, 1])], outputs=[info("value", shape=[1, 1])]),
        "'age' to be of shape [rows, 1], not [1, 1]",
        "signature.features",
    ),
    "the output's name": (
        lambda: model([helper.make_node("Identity", ["age"], ["y"])], outputs=[info("y")]),
        "an output 'value'; the file gives ['y']",
        "file",
    ),
    "the output's type": (
        lambda: model(
            [helper.make_node("Cast", ["age"], ["value"], to=INT64)],
            outputs=[info("value", INT64)],
        ),
        "'value' to be tensor(float) or tensor(double); it is tensor(int64)",
        "file",
    ),
    "the output's columns": (
        lambda: model(
            [helper.make_node("Concat", ["age", "age"], ["value"], axis=1)],
            outputs=[info("value", shape=[None, 2])],
        ),
        "'value' to be of shape [rows, 1], not [None, 2]",
        "file",
    ),
    "an output of fewer rows": (
        lambda: model(
            [
                helper.make_node("Unique", ["age"], ["once"]),
                helper.make_node("Unsqueeze", ["once", "axis"], ["value"]),
            ],
            number("axis", [1]),
        ),
        "of 2 rows to be of shape [2, 1], not [1, 1]",
        "file",
    ),
}

HOSTILE: dict[str, tuple[Callable[[], ModelProto], str]] = {
    "allocates when opened": (allocates_when_opened, "alloc"),
    "allocates when run": (allocates_when_run, "alloc"),
    "loops": (loops, "of processor time"),
    "grows when opened": (grows_when_opened, "of processor time"),
}
