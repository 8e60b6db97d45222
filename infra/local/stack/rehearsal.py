"""What processes that wait for a start do meanwhile with the libraries of Mayfly's functions.

The gateway reads this file by its path (`GATEWAY_REHEARSAL`): it is no module of anybody's, so it
imports none of ours, and libraries only when called. Each step takes back what a function could see
of it.
"""

import contextlib
import os
from typing import Any

_NOWHERE = "unix:///dev/null/nobody"  # no file can be there, so a call is refused at once


def _session() -> None:
    """Make an onnxruntime session of a small model, and run it once."""
    import numpy as np  # noqa: PLC0415 - see above
    import onnxruntime as ort  # noqa: PLC0415 - see above

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
    session.run(None, {"number": np.zeros((1, 1), np.float32)})


def _model() -> bytes:
    """One tree behind a scaler, as ONNX."""
    from onnx import TensorProto, helper  # noqa: PLC0415 - see above

    scaler = helper.make_node(
        "Scaler", ["number"], ["scaled"], domain="ai.onnx.ml", offset=[0.0], scale=[1.0]
    )
    tree = helper.make_node(
        "TreeEnsembleRegressor", ["scaled"], ["value"], domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0],
        nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0],
        target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[0.0, 1.0],
    )  # fmt: skip
    number = helper.make_tensor_value_info("number", TensorProto.FLOAT, [None, 1])
    value = helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])
    graph = helper.make_graph([scaler, tree], "rehearsal", [number], [value])
    domains = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
    model: bytes = helper.make_model(graph, opset_imports=domains, ir_version=8).SerializeToString()
    return model


def _documents() -> None:
    """Make a Firestore client with a channel of its own, and a call that is refused."""
    from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 - see above
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 - see above
    from google.cloud import firestore  # noqa: PLC0415 - see above

    os.environ["FIRESTORE_EMULATOR_HOST"] = _NOWHERE
    try:
        client: Any = firestore.Client(project="rehearsal", credentials=AnonymousCredentials())
        with contextlib.suppress(GoogleAPICallError):
            client.collection("rehearsal").document("one").get(timeout=1.0, retry=None)
        client.close()
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]


# Each step, and the modules without which it is left out.
STEPS = ((_session, ("onnxruntime", "onnx.helper")), (_documents, ("google.cloud.firestore",)))
# How the names of variables begin that these libraries read once, when they are first used.
READ_ONCE = ("GRPC_", "ORT_")
# What a function imports, by its folder: its first answer need not wait for that. They say nothing
# of one replica, and read nothing of the environment (`main.py` does, which is not among them).
AHEAD = {
    "prediction": (
        "functions.kit.adapters.clock", "functions.kit.adapters.access.firestore_identities",
        "functions.kit.adapters.access.firestore_quotas",
        "functions.kit.adapters.access.quotas_on_demand",
        "functions.kit.http.assembly", "functions.kit.http.routing.step_routes",
        "functions.kit.service.quotas",
        "functions.prediction.adapters.config", "functions.prediction.adapters.logs",
        "functions.prediction.adapters.model_files",
        "functions.prediction.adapters.predictor", "functions.prediction.adapters.registry",
        "functions.prediction.service.catalogue", "functions.prediction.service.predictions",
        "functions.prediction.transport.open_inference.routes",
        "functions.prediction.transport.open_inference.inferring",
        "functions.prediction.transport.records.catalogue",
        "functions.prediction.transport.records.routes",
        "functions.prediction.wiring.batches", "functions.prediction.wiring.counting",
        "functions.prediction.wiring.tasks",
    ),
}  # fmt: skip
