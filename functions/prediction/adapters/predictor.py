"""One version of a model, ready to answer."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from functions.kit.contract.errors import Failed, Flaw
from functions.kit.contract.models.features import Array, Inputs, column_encoder, encoder
from functions.kit.contract.models.onnx import open_session, runner
from functions.kit.contract.models.registration import Version
from functions.kit.contract.models.signature import SPREAD, Signature
from functions.kit.lazy import Lazy
from functions.prediction.adapters import memory
from functions.prediction.model.certain import Certain
from functions.prediction.model.describing import Describer, Predicted
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.reading import Reading
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Rows, Table, TableReader

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime as ort
else:
    np = Lazy("numpy")

log = structlog.get_logger()

FEW = 32
"""Numbers up to which Python is as fast as numpy at looking at each."""


class Predictor:
    """Turns rows into what the model gives for them.

    Attributes:
        version: what the registry says of it.
        reader: checks what callers send.
        tables: checks whole columns of it.
        reading: both of them, for plain values by column.
        certain: what it states of how certain it is.
        describe: turns what `predict` gives into predictions.
        size: bytes of memory that it takes.
        is_double: whether what `run` gives is float64.
        uid: of the model, which tells those of one name apart.
    """

    uid = ""

    def __init__(self, version: Version, data: bytes) -> None:
        self.version = version
        self.certain = _certain(version.signature)
        self.reader = Reader(version.signature.columns, self.certain.fault)
        self.describe = Describer(version.signature, self.certain)
        self.tables = TableReader(version.signature)
        self.reading = Reading(version.signature.columns, self.reader, self.tables)
        self._encode_records = encoder(version.signature)
        self._encode_columns = column_encoder(version.signature)
        self._output = version.signature.output
        before = memory.allocated()
        self._session = _open(data)
        self.size = memory.taken(len(data), before)
        self._run = runner(self._session, self._output)
        self._run_both = runner(self._session, self._output, SPREAD)
        _check_fits(self._session, version, self.certain)
        self.is_double = _type(self._session, self._output) == "tensor(double)"

    def encode(self, rows: Rows) -> Inputs:
        """Return the ONNX inputs for rows, by name, each [rows, 1]."""
        if isinstance(rows, Table):
            return self._encode_columns(rows.rows, rows.columns)
        return self._encode_records(rows)

    def predict(self, rows: Rows) -> Predicted:
        """Return what the model gives for rows, and the spread where its intervals need that.

        Raises:
            Failed: as `run`.
        """
        inputs = self.encode(rows)
        if not self.certain.needs_spread:
            return Predicted(inputs, self.run(inputs), None)
        output, spread = self._answers(self._run_both, inputs)
        return Predicted(inputs, output, spread)

    def run(self, inputs: Inputs) -> Array:
        """Return probabilities [rows, labels], or values [rows, 1].

        Raises:
            Failed: when the model fails, or gives something that is not a number.
        """
        return self._answers(self._run, inputs)[0]

    def _answers(self, run: Callable[[Inputs], list[Array]], inputs: Inputs) -> list[Array]:
        try:
            results = run(inputs)
        except Exception as error:  # onnxruntime's errors have no common base
            raise _failed(self.version, error) from error
        for result in results:
            if not _is_finite(result):
                raise _not_a_number(self.version, result)
        return results


def _is_finite(result: Array) -> bool:
    if result.size <= FEW:  # what numpy would take to begin with is more than all of it
        return all(map(math.isfinite, result.ravel().tolist()))
    return bool(np.isfinite(result).all())


def _certain(signature: Signature) -> Certain:
    try:
        return Certain(signature)
    except ValueError as error:
        raise Unloadable(str(error)) from error


def _open(data: bytes) -> "ort.InferenceSession":
    try:
        return open_session(data)
    except Exception as error:  # onnxruntime's errors have no common base
        raise Unloadable(f"onnxruntime cannot open its file: {error}") from error


def _check_fits(session: "ort.InferenceSession", version: Version, certain: Certain) -> None:
    wanted = {feature.input for feature in version.signature.features}
    inputs = {found.name for found in session.get_inputs()}
    if inputs != wanted:
        raise Unloadable(f"its file takes {sorted(inputs)}, its signature gives {sorted(wanted)}")
    outputs = [found.name for found in session.get_outputs()]
    for name in (version.signature.output, *([SPREAD] if certain.needs_spread else [])):
        if name not in outputs:
            raise Unloadable(f"its file gives {outputs}, not '{name}'")


def _type(session: "ort.InferenceSession", output: str) -> str:
    [found] = (str(one.type) for one in session.get_outputs() if one.name == output)
    return found


def _failed(version: Version, error: Exception) -> Failed:
    reason = " ".join(str(error).split())[:300]
    log.warning("model failed", model=version.model, version=version.version, error=reason)
    detail = f"Version {version.version} of '{version.model}' cannot answer: {reason}"
    return Failed(detail)


def _not_a_number(version: Version, result: Array) -> Failed:
    [row, *_] = np.argwhere(~np.isfinite(result))[0]
    detail = f"Version {version.version} of '{version.model}' gives no number for some records."
    return Failed(detail, Flaw("The model gives no finite number", row=int(row) + 1))
