"""Outputs that are given only to who asks for them: how certain an answer is.

`set` [rows, labels] tells of each label whether it is in the row's set, `interval` [rows, 2] has an
interval's low and high end. The level is the wanted output's parameter `certainty`, or the usual.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.contract.errors import Unreadable
from functions.kit.contract.models.features import Array
from functions.kit.lazy import Lazy
from functions.prediction.model.describing import Predicted
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import TensorMetadata, WantedOutput

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

SET, INTERVAL = "set", "interval"
Result = tuple[TensorMetadata, Array | list[str], WantedOutput]


def are_wanted(wanted: Sequence[WantedOutput]) -> bool:
    """Tell whether a call asks for any of them."""
    return any(one.name in {SET, INTERVAL} for one in wanted)


def results(predictor: Predictor, given: Predicted, wanted: Sequence[WantedOutput]) -> list[Result]:
    """Return the outputs that are wanted, these and others, as `mapping.results` does."""
    signature = predictor.version.signature
    return [
        _result(predictor, given, one)
        if are_wanted([one])
        else mapping.results(signature, given.output, [one])[0]
        for one in wanted
    ]


def _result(predictor: Predictor, given: Predicted, wanted: WantedOutput) -> Result:
    level = _level(predictor, wanted)
    rows, certain = len(given.output), predictor.certain
    if wanted.name == SET:
        inside = certain.sets(level, given.output)
        return TensorMetadata(SET, "BOOL", [rows, inside.shape[1]]), inside.ravel(), wanted
    ends = np.stack(certain.interval(level, given.output, given.spread), axis=1)
    return TensorMetadata(INTERVAL, "FP64", [rows, 2]), ends.ravel(), wanted


def _level(predictor: Predictor, wanted: WantedOutput) -> float:
    """Return the level of certainty that is wanted; raises Unreadable."""
    certain, name = predictor.certain, wanted.name
    own = INTERVAL if predictor.version.signature.task == "regression" else SET
    if name != own or certain.usual is None:
        raise Unreadable(f"The model has no output '{name}': {_why(certain.usual, own)}.")
    level: Any = wanted.parameters.get("certainty", certain.usual)
    fault = certain.fault(level) if isinstance(level, float) else "it is no level"
    if fault is not None:
        raise Unreadable(f"Output '{name}', certainty: {fault}.")
    return float(level)


def _why(usual: float | None, own: str) -> str:
    return "it does not state how certain it is" if usual is None else f"it gives '{own}'"
