"""What a spare process does before it is needed: the libraries' part of any function's start.

Most of a cold start is no work of the function's own. It is first calls into libraries: what they
set up lazily, and above all memory that a fresh fork shares with its parent, which the kernel
copies page by page when it is first written to. A spare has that behind it. Nothing here knows a
function, and each step takes back what a function could see of it.
"""

import contextlib
import gc
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from emulators.gateway.runtimes.forking import parentage

_NOWHERE = "unix:///dev/null/nobody"  # no file can be there, so a call is refused at once
_PATIENCE = 1.0


def steps() -> Iterator[Callable[[], None]]:
    """Those steps whose libraries this process has imported."""
    for step, modules in _STEPS:
        if all(module in sys.modules for module in modules):
            yield step


def attempt(step: Callable[[], None]) -> None:
    """Runs one step; what goes wrong is the gateway's log's, and costs a start its head start."""
    try:
        step()
    except Exception:  # noqa: BLE001 (libraries raise what they like; a spare must come of it)
        sys.stderr.write(f"a spare process could not rehearse {step.__name__}:\n")
        traceback.print_exc()


def _web() -> None:
    """An application like the one that functions-framework makes, and one request to it."""
    import flask  # noqa: PLC0415 (see steps)

    app = flask.Flask("rehearsal", static_folder=None)
    app.add_url_rule(
        "/<path:path>", "handle", lambda path: flask.jsonify({path: flask.request.json}),
        methods=["POST"],
    )  # fmt: skip
    app.test_client().post("/rehearsal", json={"a": 1})


def _session() -> None:
    """An onnxruntime session of a small model, and one run of it."""
    import numpy as np  # noqa: PLC0415 (see steps)
    import onnxruntime as ort  # noqa: PLC0415 (see steps)

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
    session.run(None, {"number": np.zeros((1, 1), np.float32)})


def _model() -> bytes:
    """One tree behind a scaler, as ONNX."""
    from onnx import TensorProto, helper  # noqa: PLC0415 (see steps)

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
    """A Firestore client with a channel of its own, and a call that is refused."""
    from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 (see steps)
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415 (see steps)
    from google.cloud import firestore  # noqa: PLC0415 (see steps)

    threads = parentage.thread_count()
    os.environ["FIRESTORE_EMULATOR_HOST"] = _NOWHERE
    try:
        client: Any = firestore.Client(project="rehearsal", credentials=AnonymousCredentials())
        with contextlib.suppress(GoogleAPICallError):
            client.collection("rehearsal").document("one").get(timeout=1.0, retry=None)
        client.close()
    finally:
        del os.environ["FIRESTORE_EMULATOR_HOST"]
    del client
    _end_threads(threads)


def _end_threads(left: int) -> None:
    """Waits for gRPC to end its threads, which it does with its last channel.

    A function that forks must not find them: what they hold would stay held in its child.

    Raises:
        TimeoutError: When they do not end.
    """
    gc.collect()  # a closed channel counts until it is collected
    deadline = time.monotonic() + _PATIENCE
    while parentage.thread_count() > left:
        if time.monotonic() > deadline:
            raise TimeoutError("gRPC's threads did not end with its last channel")
        time.sleep(0.001)


_STEPS: tuple[tuple[Callable[[], None], tuple[str, ...]], ...] = (
    (_web, ("flask",)),
    (_session, ("onnxruntime", "onnx.helper")),
    (_documents, ("google.cloud.firestore",)),
)
