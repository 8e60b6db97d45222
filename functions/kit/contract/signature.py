"""What a model version says of itself: which columns it takes and what it gives back.

Training writes it, the model registry keeps it, prediction compiles it.
"""

from typing import Literal

import msgspec

from functions.kit.contract.columns import Column

Task = Literal["binary", "multiclass", "regression"]
Encoding = Literal["float", "string"]

# The ONNX output that holds the answer.
PROBABILITIES = "probabilities"
VALUE = "value"


class Feature(msgspec.Struct, omit_defaults=True):
    """How one column of a record becomes one ONNX input of shape [rows, 1].

    "float": float32; booleans 0 and 1, datetimes days since 1970, missing NaN.
    "string": missing is the empty string; with `levels`, any other text becomes `OTHER`.
    """

    column: str
    input: str
    encoding: Encoding
    levels: list[str] | None = None


class Signature(msgspec.Struct, omit_defaults=True):
    """The inputs and outputs of a model.

    `labels` are the classes in the order of the probabilities, as text; empty for a regression.
    `features` stand in the order of the ONNX inputs; a column may be unused.
    The ONNX outputs are `probabilities` [rows, labels] float32, or `value` [rows, 1] float32.
    """

    task: Task
    target: str
    columns: list[Column]
    features: list[Feature]
    labels: list[str] = []

    @property
    def output(self) -> str:
        """Return the name of the ONNX output that holds the answer."""
        return VALUE if self.task == "regression" else PROBABILITIES
