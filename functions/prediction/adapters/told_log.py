"""The log of predictions that `monitoring` keeps: told in batches, or put on disk at once."""

import atexit
import functools
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import msgspec
import structlog

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.errors import DomainError
from functions.kit.lazy import Lazy
from functions.kit.service.batching_log import BatchingLog, Bounds, Work
from functions.prediction.adapters.config import LogSettings
from functions.prediction.service.ports import Made

if TYPE_CHECKING:
    from functions.kit.adapters.calls import function_calls
    from functions.kit.adapters.stores import untold
    from functions.kit.contract.telemetry import predictions
    from functions.prediction.service import delivery, telling
else:  # a first answer is not told of before it went out
    untold = Lazy("functions.kit.adapters.stores.untold")
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")
    predictions = Lazy("functions.kit.contract.telemetry.predictions")
    delivery = Lazy("functions.prediction.service.delivery")
    telling = Lazy("functions.prediction.service.telling")

log = structlog.get_logger()

Note = Union[Made, "delivery.Written"]

FUNCTION = "prediction"
MOST = 50_000
"""Predictions that wait at most; half as many are put aside."""
BATCH = 2_000
"""Predictions in a batch, usually."""
PART = 4 * 1024 * 1024
"""Bytes that are sent at once, but for a prediction that has more."""
CONNECT = 2.0  # seconds


class Told(NamedTuple):
    """A batch: its events, and the files that have some of them already."""

    events: list[bytes]
    files: list["delivery.File"]


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
        work = Work("predictions", self._cut, self._send, self._aside, _rows)
        self._log = BatchingLog(work, Bounds(MOST, BATCH))
        atexit.register(self._log.close)

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        """See PredictionLog."""
        if before_answer or self._own.before_answer:
            self._log.offer(self._before_answer.keep(made), len(made.rows))
        else:
            self._log.note(made, len(made.rows))

    @functools.cached_property
    def _before_answer(self) -> "delivery.BeforeAnswer":
        def write(calls: Sequence[Made]) -> str:
            return self._kept([[one for made in calls for one in self._teller.events(made)]])

        return delivery.BeforeAnswer(write)

    @functools.cached_property
    def _teller(self) -> "telling.Teller":
        hide = telling.hiding(self._settings.step_secret, leave_out=self._own.leave_out)
        return telling.Teller(hide)

    @functools.cached_property
    def _calls(self) -> "function_calls.Calls":
        return function_calls.Calls(FUNCTION, self._settings, self._addresses)

    @functools.cached_property
    def _untold(self) -> "untold.Untold[Any]":
        return untold.Untold(predictions.UNTOLD, msgspec.Raw, Files(self._settings))

    def _cut(self, notes: Sequence[Note], lost: int) -> Told:
        calls = [note if isinstance(note, Made) else note.made for note in notes]
        files = [note.file for note in notes if not isinstance(note, Made)]
        return Told(self._teller.batch(calls, lost), files)

    def _send(self, batch: Told, within: float) -> None:
        for part in telling.parts(batch.events, PART):  # one that comes again changes nothing
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
        self._drop(batch.files)

    def _aside(self, batches: list[Told]) -> None:
        self._kept([batch.events for batch in batches])
        for batch in batches:
            self._drop(batch.files)

    def _kept(self, batches: list[list[bytes]]) -> str:
        return self._untold.keep(FUNCTION, [msgspec.Raw(telling.array(one)) for one in batches])

    def _drop(self, files: Sequence["delivery.File"]) -> None:
        """Remove files all of whose calls were told of; one that stays changes nothing."""
        for file in files:
            file.left -= 1
            if not file.left:
                try:
                    self._untold.delete(file.name)
                except DomainError as error:
                    log.warning("file of told predictions stays", error=error.detail)


def _rows(note: Note) -> int:
    return len(note.rows if isinstance(note, Made) else note.made.rows)
