"""A fitted pipeline as an ONNX file with one input for each feature."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from skl2onnx.helpers.onnx_helper import select_model_inputs_outputs
from sklearn.pipeline import Pipeline

from functions.kit.contract.features import Inputs
from functions.kit.contract.signature import PROBABILITIES, VALUE, Feature, Task


def to_onnx(pipeline: Pipeline, task: Task, features: Sequence[Feature]) -> bytes:
    """Return the ONNX file.

    Its inputs are the features', each [rows, 1]; its one output is `probabilities`
    [rows, labels] or `value` [rows, 1], both float32.
    """
    types = [(one.input, _type(one)) for one in features]
    with warnings.catch_warnings():
        # skl2onnx 1.20 writes a boosted tree's flags as bools, which protobuf 6.33 warns of.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        data: bytes = _convert(pipeline, task, types).SerializeToString()
    return data


def _convert(pipeline: Pipeline, task: Task, types: list[tuple[str, Any]]) -> Any:
    if task == "regression":
        final = [(VALUE, FloatTensorType([None, 1]))]
        return convert_sklearn(pipeline, "mayfly", types, final_types=final)
    options = {id(pipeline["estimator"]): {"zipmap": False}}
    model = convert_sklearn(pipeline, "mayfly", types, options=options)
    # The label follows from the probabilities and the signature.
    kept = select_model_inputs_outputs(model, outputs=[PROBABILITIES])
    # skl2onnx forgets the output's type and shape, without which a file is not valid.
    [typed] = (output for output in model.graph.output if output.name == PROBABILITIES)
    kept.graph.output[0].CopyFrom(typed)
    return kept


def _type(feature: Feature) -> Any:
    kind = FloatTensorType if feature.encoding == "float" else StringTensorType
    return kind([None, 1])


def run(session: ort.InferenceSession, inputs: Inputs) -> NDArray[Any]:
    """Return probabilities [rows, labels], or numbers [rows]."""
    [output] = session.run(None, inputs)
    array = np.asarray(output)
    return array[:, 0] if session.get_outputs()[0].name == VALUE else array
