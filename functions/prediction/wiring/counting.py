"""Puts together what counts failed and refused calls, and versions that had to be loaded."""

import atexit
import time
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from functions.kit.adapters.once import Once
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.telemetry.activity import Note
from functions.kit.http.api import Api
from functions.kit.lazy import Lazy
from functions.kit.service.batching_log import BatchingLog, Bounds, Work
from functions.prediction.service.ports import Loaded, Target
from functions.prediction.service.predictions import Service

if TYPE_CHECKING:
    from functions.kit.adapters.calls import function_calls
    from functions.kit.adapters.stores import untold
    from functions.kit.contract.telemetry import predictions
    from functions.prediction.service import counting
else:  # a first answer is not told of before it went out
    untold = Lazy("functions.kit.adapters.stores.untold")
    function_calls = Lazy("functions.kit.adapters.calls.function_calls")
    predictions = Lazy("functions.kit.contract.telemetry.predictions")
    counting = Lazy("functions.prediction.service.counting")

FUNCTION = "prediction"
FAILED = 400
"""The least status of a call that was refused, or failed."""
MOST, BATCH, PAUSE = 20_000, 5_000, 5.0
"""Calls that wait at most, that make a batch, and seconds between two."""
CONNECT = 2.0  # seconds
SENDER = 12
"""Digits of this replica's name in the ids of its events."""


def count(api: Api, service: Service, settings: Settings) -> None:
    """Have `monitoring` told of what the log of predictions does not have."""

    @Once
    def calls() -> "function_calls.Calls":
        return function_calls.Calls(FUNCTION, settings, FunctionAddresses.from_env())

    @Once
    def sender() -> str:
        return uuid4().hex[:SENDER]

    def cut(found: "list[Note | Loaded]", _: int) -> list[bytes]:
        return counting.events(found, service.led, sender())

    def send(batch: list[bytes], within: float) -> None:
        if batch:
            calls().call(
                predictions.MONITORING,
                "POST",
                predictions.PATH,
                NoneType,
                _array(batch),
                timeout=(min(within, CONNECT), within, within, within),
                seconds=0.0,
                content_type=predictions.BATCH_TYPE,
            )

    def put_aside(batches: list[list[bytes]]) -> None:
        kept: Any = untold.Untold(predictions.UNTOLD, msgspec.Raw, Files(settings))
        kept.keep(FUNCTION, [_array(one) for one in batches if one])

    told: BatchingLog[Note | Loaded, list[bytes]] = BatchingLog(
        Work("calls", cut, send, put_aside), Bounds(MOST, BATCH, PAUSE)
    )
    atexit.register(told.close)

    def note(one: Note) -> None:
        if one[4] >= FAILED:
            told.note(one)

    def loaded(target: Target) -> None:
        told.note(Loaded(target, time.time()))

    api.also_note(note)
    service.loaded = loaded


def _array(events: list[bytes]) -> msgspec.Raw:
    return msgspec.Raw(b"[" + b",".join(events) + b"]")
