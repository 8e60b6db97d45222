"""What a call of the protocol leads to, whichever way it came."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from weakref import WeakKeyDictionary

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import Standing
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.features import Array
from functions.kit.lazy import Lazy
from functions.kit.service.bounded import Quotas
from functions.prediction.model.describing import Predicted
from functions.prediction.model.responses import Ids
from functions.prediction.model.tables import Rows
from functions.prediction.service.ports import Chosen, Made, PredictionLog, Predictor, Run
from functions.prediction.service.predictions import run
from functions.prediction.transport.open_inference import certain_outputs, mapping
from functions.prediction.transport.open_inference.messages import (
    InferRequest,
    TensorMetadata,
    WantedOutput,
)
from functions.prediction.transport.open_inference.quick_row import QuickRow
from functions.prediction.transport.open_inference.statistics import Statistics

if TYPE_CHECKING:
    from functions.prediction.service import response_cache
    from functions.prediction.service.response_cache import ResponseCache
else:  # most remember nothing
    response_cache = Lazy("functions.prediction.service.response_cache")

T = TypeVar("T")
Call = tuple[InferRequest, list[bytes | None]]
"""A call, and for each input its bytes or None where they are in the call itself."""
_quick_rows: WeakKeyDictionary[Predictor, QuickRow] = WeakKeyDictionary()
Read = Callable[[int], Call]
"""Most bytes → the call; raises what is wrong with it."""
Ran = tuple[Chosen, Rows, Array, Array | None]
"""Who answered, the rows as that version takes them, what it gave, and the spread if it has one."""
Outputs = Sequence[tuple[TensorMetadata, Array | list[str], WantedOutput]]
"""Those that are wanted, each with its values, flat."""


class Ask(Protocol):
    """Lets a version answer, as `run` does."""

    def __call__(self, chosen: Chosen, rows: Rows, by: Run[T], /) -> tuple[Chosen, Rows, T]:
        """Return who answered, the rows as that takes them, and what `by` gives for them."""


class Inferred(NamedTuple):
    """What is answered.

    Attributes:
        call: what was asked.
        id: the call's own, or a fresh one.
        rows: how many were predicted.
        outputs: those that are wanted.
        standing: where the caller's account stands, if that is bounded.
        chosen: which version answered: another one than was asked where that is tried, and failed.
        logged: the id that its predictions are logged by; `id` where the call has none of its own.
    """

    call: InferRequest
    id: str
    rows: int
    outputs: Outputs
    standing: Standing | None
    chosen: Chosen
    logged: str


class Inferring:
    """Reads calls, counts them, runs models, and tells the log.

    Args:
        quotas: what accounts may have predicted.
        log: takes what was predicted.
        max_bytes: of a call.
        cache: remembers what versions gave; None remembers nothing.

    Attributes:
        statistics: of what this replica has answered.
    """

    def __init__(
        self,
        quotas: Quotas,
        log: PredictionLog,
        max_bytes: int,
        cache: "ResponseCache | None" = None,
    ) -> None:
        self.statistics = Statistics()
        self.cache = cache
        self._quotas = quotas
        self._log = log
        self._max_bytes = max_bytes
        self._ids = Ids()

    def infer(
        self,
        chosen: Chosen,
        caller: Caller,
        read: Read,
        *,
        before_answer: bool = False,
        cache: "ResponseCache | None" = None,
    ) -> Inferred:
        """Predict for the rows of a call; raises what is wrong with it, OverQuota, Failed.

        `before_answer`, they are on disk when this returns; raises Away or NoRoom where none is.
        With a `cache`, what the same version gave for the same rows is not computed again.
        """
        version, began = chosen.predictor.version, time.perf_counter_ns()
        place = Place(caller.workspace, version.model)
        try:
            inferred = self._infer(chosen, caller, read, before_answer, cache)
        except Exception:
            self.statistics.failed((place, version.version), time.perf_counter_ns() - began)
            raise
        answered = inferred.chosen.predictor.version.version
        self.statistics.answered((place, answered), inferred.rows, time.perf_counter_ns() - began)
        return inferred

    def _infer(
        self,
        chosen: Chosen,
        caller: Caller,
        read: Read,
        before_answer: bool,  # noqa: FBT001 - infer has it by name
        cache: "ResponseCache | None",
    ) -> Inferred:
        began, predictor = time.perf_counter(), chosen.predictor
        allowed = self._quotas.of(caller)
        call, raws = allowed.read(read, self._max_bytes)
        rows = _rows(predictor, call, raws)

        ask = run if cache is None else _remembering(cache, caller)
        (found, outputs), standing = allowed.counted(
            len(rows), lambda: _infer(chosen, rows, call, ask)
        )
        answered, asked, output, spread = found
        known = self._ids()
        seconds = time.perf_counter() - began
        made = Made(time.time(), known, answered, asked, output, seconds, caller, spread)
        self._log.take(made, before_answer=before_answer)
        if answered.trial is not None:
            answered.trial.follow(made, self._log)
        return Inferred(call, call.id or known, len(rows), outputs, standing, answered, known)


def _remembering(cache: "ResponseCache", caller: Caller) -> Ask:
    """Return what does as `run`, but computes nothing again."""

    def ask(chosen: Chosen, rows: Rows, by: Run[T]) -> tuple[Chosen, Rows, T]:
        kind: response_cache.Kind = "predict" if by is _given else "run"
        key = response_cache.key_of(caller.workspace, chosen.predictor, kind, rows)
        return cache.remembered(key, chosen, rows, lambda: run(chosen, rows, by))

    return ask


def _rows(predictor: Predictor, call: InferRequest, raws: Sequence[bytes | None]) -> Rows:
    """Return a call's rows, checked; raises what is wrong with them."""
    table = mapping.table(predictor.tables, call.inputs, raws)
    if table is not None:
        return table
    records = _quick_row(predictor).read(call.inputs, raws)
    if records is None:
        records = mapping.rows(predictor.version.signature, call.inputs, raws)
    return predictor.reader.convert(records)


def _quick_row(predictor: Predictor) -> QuickRow:
    """Return what reads one row for a version, made once."""
    found = _quick_rows.get(predictor)
    if found is None:
        signature, names = predictor.version.signature, predictor.tables.names
        found = _quick_rows[predictor] = QuickRow(signature, names)
    return found


def _infer(chosen: Chosen, rows: Rows, call: InferRequest, ask: Ask) -> tuple[Ran, Outputs]:
    """Return who answered rows and what it gave, and the outputs that are wanted of that."""
    if certain_outputs.are_wanted(call.outputs):
        answered, taken, given = ask(chosen, rows, _given)
        outputs = certain_outputs.results(answered.predictor, given, call.outputs)
        return (answered, taken, given.output, given.spread), outputs
    spread = None
    if chosen.predictor.certain.needs_spread:  # for the log: what is sure is known by it
        answered, taken, given = ask(chosen, rows, _given)
        output, spread = given.output, given.spread
    else:
        answered, taken, output = ask(chosen, rows, _output)
    signature = answered.predictor.version.signature
    return (answered, taken, output, spread), mapping.results(signature, output, call.outputs)


def _given(predictor: Predictor, rows: Rows) -> Predicted:
    return predictor.predict(rows)


def _output(predictor: Predictor, rows: Rows) -> Array:
    return predictor.run(predictor.encode(rows))
