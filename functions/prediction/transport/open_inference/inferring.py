"""What a call of the protocol leads to, whichever way it came."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from functions.kit.contract.features import Array
from functions.kit.contract.identity import Caller
from functions.kit.contract.over_quota import Standing
from functions.kit.contract.workspaces import Place
from functions.kit.service.bounded import Quotas
from functions.prediction.model.responses import Ids
from functions.prediction.model.tables import Rows
from functions.prediction.service.ports import Chosen, Made, PredictionLog, Predictor
from functions.prediction.transport.open_inference import certain_outputs, mapping
from functions.prediction.transport.open_inference.messages import (
    InferRequest,
    TensorMetadata,
    WantedOutput,
)
from functions.prediction.transport.open_inference.statistics import Statistics

Call = tuple[InferRequest, list[bytes | None]]
"""A call, and for each input its bytes or None where they are in the call itself."""
Read = Callable[[int], Call]
"""Most bytes → the call; raises what is wrong with it."""


class Inferred(NamedTuple):
    """What is answered.

    Attributes:
        call: what was asked.
        id: the call's own, or a fresh one.
        rows: how many were predicted.
        outputs: those that are wanted, each with its values, flat.
        standing: where the caller's account stands, if that is bounded.
        logged: the id that its predictions are logged by; `id` where the call has none of its own.
    """

    call: InferRequest
    id: str
    rows: int
    outputs: Sequence[tuple[TensorMetadata, Array | list[str], WantedOutput]]
    standing: Standing | None
    logged: str


class Inferring:
    """Reads calls, counts them, runs models, and tells the log.

    Args:
        quotas: what accounts may have predicted.
        log: takes what was predicted.
        max_bytes: of a call.

    Attributes:
        statistics: of what this replica has answered.
    """

    def __init__(self, quotas: Quotas, log: PredictionLog, max_bytes: int) -> None:
        self.statistics = Statistics()
        self._quotas = quotas
        self._log = log
        self._max_bytes = max_bytes
        self._ids = Ids()

    def infer(
        self, chosen: Chosen, caller: Caller, read: Read, *, before_answer: bool = False
    ) -> Inferred:
        """Predict for the rows of a call; raises what is wrong with it, OverQuota, Failed.

        `before_answer`, they are on disk when this returns; raises Away or NoRoom where none is.
        """
        version, began = chosen.predictor.version, time.perf_counter_ns()
        key = (Place(caller.workspace, version.model), version.version)
        try:
            inferred = self._infer(chosen, caller, read, before_answer)
        except Exception:
            self.statistics.failed(key, time.perf_counter_ns() - began)
            raise
        self.statistics.answered(key, inferred.rows, time.perf_counter_ns() - began)
        return inferred

    def _infer(
        self,
        chosen: Chosen,
        caller: Caller,
        read: Read,
        before_answer: bool,  # noqa: FBT001 - infer has it by name
    ) -> Inferred:
        began, predictor = time.perf_counter(), chosen.predictor
        allowed = self._quotas.of(caller)
        call, raws = allowed.read(read, self._max_bytes)
        rows = _rows(predictor, call, raws)

        def run() -> tuple[Array, Sequence[tuple[TensorMetadata, Array | list[str], WantedOutput]]]:
            if certain_outputs.are_wanted(call.outputs):
                given = predictor.predict(rows)
                return given.output, certain_outputs.results(predictor, given, call.outputs)
            output = predictor.run(predictor.encode(rows))
            return output, mapping.results(predictor.version.signature, output, call.outputs)

        (output, outputs), standing = allowed.counted(len(rows), run)
        known = self._ids()
        seconds = time.perf_counter() - began
        made = Made(time.time(), known, chosen, rows, output, seconds, caller)
        self._log.take(made, before_answer=before_answer)
        return Inferred(call, call.id or known, len(rows), outputs, standing, known)


def _rows(predictor: Predictor, call: InferRequest, raws: Sequence[bytes | None]) -> Rows:
    """Return a call's rows, checked; raises what is wrong with them."""
    table = mapping.table(predictor.tables, call.inputs, raws)
    if table is not None:
        return table
    return predictor.reader.convert(mapping.rows(predictor.version.signature, call.inputs, raws))
