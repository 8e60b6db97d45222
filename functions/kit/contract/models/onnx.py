"""How an ONNX file is opened: the same session proves parity, is examined and serves.

An option may change what a model predicts (an optimisation fuses sums, a thread splits them), so a
proof counts only for the very options that it was made with.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import onnxruntime as ort
else:
    ort = Lazy("onnxruntime")

# A file must not choose another format: what was examined as ONNX is opened as ONNX.
ENTRIES = {
    "session.load_model_format": "ONNX",
    "session.intra_op.allow_spinning": "0",
}
FATAL = 4


def open_session(data: bytes) -> "ort.InferenceSession":
    """Open an ONNX file for one core.

    Raises:
        Exception: onnxruntime cannot open it; its errors have no common base.
    """
    return ort.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])


def runner(session: "ort.InferenceSession", *outputs: str) -> Callable[[dict[str, Any]], list[Any]]:
    """Return what runs a session: inputs by name, all that it takes → the arrays of some outputs.

    Raises:
        Exception: when run, as the session does.
    """
    # `InferenceSession.run` looks each time whether all inputs are there, and whether another
    # device's providers failed: a tenth of what one row takes.
    run, names = session._sess.run, [*outputs]  # noqa: SLF001 - see above
    return lambda inputs: run(names, inputs, None)


def _options() -> "ort.SessionOptions":
    options = ort.SessionOptions()
    # The platform scales by replicas; threads in each would only fight over the cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    # One row needs little: as fast without the arena, and it opens sooner (measured).
    options.enable_cpu_mem_arena = False
    # What goes wrong is raised; a second report on standard error would be no JSON.
    options.log_severity_level = FATAL
    for name, value in ENTRIES.items():
        options.add_session_config_entry(name, value)
    return options
