"""A model that was exported before, put into a graph: what the graph has already is there once."""

from collections.abc import Mapping

import onnx

from functions.training.learning.graph.graph import Graph


def graft(graph: Graph, model: onnx.ModelProto, output: str) -> str:
    """Add the nodes of a model over the graph's own inputs; return what its `output` is here.

    Node by node, as if each was added for the first time: so models that prepare their inputs
    alike share the nodes that do so.
    """
    names = {name: name for name in graph.inputs}
    for tensor in model.graph.initializer:
        held = onnx.TensorProto()
        held.CopyFrom(tensor)
        held.ClearField("name")
        names[tensor.name] = graph.put_constant(held)
    for node in model.graph.node:
        added = graph.put(_over(node, names), len(node.output))
        names.update(zip(node.output, added, strict=True))
    return names[output]


def _over(node: onnx.NodeProto, names: Mapping[str, str]) -> onnx.NodeProto:
    """Return the node over tensors of other names; what only it may know stays as it is."""
    found = onnx.NodeProto()
    found.CopyFrom(node)
    found.ClearField("name")
    found.input[:] = [names.get(one, one) for one in node.input]
    for attribute in found.attribute:
        if attribute.HasField("g"):
            inner = attribute.g.node
            nodes = [_over(one, names) for one in inner]
            del inner[:]
            inner.extend(nodes)
    return found
