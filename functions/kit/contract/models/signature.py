"""What a model version says of itself: which columns it takes and what it gives back.

Training writes it, the model registry keeps it, prediction compiles it.
"""

from typing import Literal

import msgspec

from functions.kit.contract.records.columns import Column

Task = Literal["binary", "multiclass", "regression"]
Encoding = Literal["float", "double", "string", "words", "characters"]

# The ONNX output that holds the answer.
PROBABILITIES = "probabilities"
VALUE = "value"
# And what tells of each row how far off a regression's value is likely to be.
SPREAD = "spread"


class Feature(msgspec.Struct, omit_defaults=True):
    """How one column of a record becomes one ONNX input of shape [rows, 1].

    A column may become several inputs.

    "float": float32; booleans 0 and 1, datetimes days since 1970, missing NaN.
    "double": float64; booleans 0 and 1, datetimes and dates seconds since 1970, missing NaN.
    "string": missing is the empty string; with `levels`, any other text becomes `OTHER`.
    "words", "characters": text made plain, parted by single spaces, for the graph to count.
    """

    column: str
    input: str
    encoding: Encoding
    levels: list[str] | None = None


class Certainty(msgspec.Struct, omit_defaults=True):
    """What makes an answer a set or an interval that holds the truth as often as stated.

    By conformal prediction, on rows that the model was not fitted on.

    Attributes:
        levels: stated shares of truths within, such as 0.9, in rising order.
        widths: of a regression, for each level the interval's half width, in the target's unit;
            or if `scaled`, in spreads of the row, which the model's file tells.
        scores: of classes, for each level and label the most that 1 - probability may be for the
            label to be in the set.
        scaled: whether intervals are wide where the model errs much.
    """

    levels: list[float]
    widths: list[float] = []
    scores: list[list[float]] = []
    scaled: bool = False


class Signature(msgspec.Struct, omit_defaults=True):
    """The inputs and outputs of a model.

    The ONNX outputs are `probabilities` [rows, labels] float32, or `value` [rows, 1], float64
    (float32 of models from earlier releases). Where `certainty` is scaled, `spread` [rows, 1]
    float64 is there, too.

    Attributes:
        task: what is predicted.
        target: the column.
        columns: what a record may hold; a column may be unused.
        features: in the order of the ONNX inputs.
        labels: the classes in the order of the probabilities, as text; empty for a regression.
        threshold: of two classes, the least probability of the last that is called so; None: half.
        certainty: what turns an answer into a set or an interval, if it was measured.
    """

    task: Task
    target: str
    columns: list[Column]
    features: list[Feature]
    labels: list[str] = []
    threshold: float | None = None
    certainty: Certainty | None = None

    @property
    def output(self) -> str:
        """Return the name of the ONNX output that holds the answer."""
        return VALUE if self.task == "regression" else PROBABILITIES
