"""The log of predictions that `monitoring` keeps: told in batches, or put on disk at once."""

import atexit
import functools
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.storage import Files
from functions.kit.contract import predictions
from functions.kit.lazy import Lazy
from functions.kit.service.batching_log import BatchingLog, Bounds, Work
from functions.prediction.adapters.config import LogSettings
from functions.prediction.service.ports import Made

if TYPE_CHECKING:
    from functions.kit.adapters import untold
    from functions.kit.adapters.calls import function_calls
    from functions.prediction.service import delivery, telling
else:  # a first answer is not told of before it went out
    untold = Lazy("functions.kit.adapters.untold")
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")
    delivery = Lazy("functions.prediction.service.delivery")
    telling = Lazy("functions.prediction.service.telling")

FUNCTION = "prediction"
MOST = 50_000
"""Predictions that wait at most; half as many are put aside."""
PART = 4 * 1024 * 1024
"""Bytes that are sent at once, but for a prediction that has more."""
CONNECT = 2.0  # seconds


class ToldLog:
    """A PredictionLog whose lines `monitoring` keeps.

    Args:
        settings: the function's.
        own: how lines are told.
        addresses: where functions are called.
    """

    def __init__(self, settings: Settings, own: LogSettings, addresses: FunctionAddresses) -> None:
        self._settings = settings
        self._own = own
        self._addresses = addresses
        bounds = Bounds(MOST, predictions.MOST_LINES)
        self._log = BatchingLog(
            Work("predictions", self._cut, self._send, self._aside, _rows), bounds
        )
        atexit.register(self._log.close)

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        """See PredictionLog."""
        if before_answer or self._own.before_answer:
            self._before_answer.keep(made)
        else:
            self._log.note(made, len(made.rows))

    @functools.cached_property
    def _before_answer(self) -> "delivery.BeforeAnswer":
        return delivery.BeforeAnswer(lambda calls: self._aside([self._cut(calls, 0)]))

    @functools.cached_property
    def _teller(self) -> "telling.Teller":
        return telling.Teller(
            telling.hiding(self._settings.step_secret, leave_out=self._own.leave_out)
        )

    @functools.cached_property
    def _calls(self) -> "function_calls.Calls":
        return function_calls.Calls(FUNCTION, self._settings, self._addresses)

    def _cut(self, calls: Sequence[Made], lost: int) -> list[bytes]:
        return self._teller.batch(calls, lost)

    def _send(self, batch: list[bytes], within: float) -> None:
        for part in telling.parts(batch, PART):  # a part that comes again changes nothing
            self._calls.call(
                predictions.MONITORING,
                "POST",
                predictions.PATH,
                NoneType,
                msgspec.Raw(telling.array(part)),
                timeout=(min(within, CONNECT), within, within, within),
                seconds=0.0,
                content_type=predictions.BATCH_TYPE,
            )

    def _aside(self, batches: list[list[bytes]]) -> None:
        kept: untold.Untold[Any] = untold.Untold(
            predictions.UNTOLD, msgspec.Raw, Files(self._settings)
        )
        kept.keep(FUNCTION, [msgspec.Raw(telling.array(batch)) for batch in batches])


def _rows(made: Made) -> int:
    return len(made.rows)
