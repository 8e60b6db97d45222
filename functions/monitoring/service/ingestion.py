"""Takes batches of predictions in."""

import hashlib
from collections.abc import Sequence

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place, is_workspace
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.telemetry.hourly import Name
from functions.kit.contract.telemetry.predictions import LOST, MADE, Event, Lost, Prediction
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.model.files import LogFile, predictions_of
from functions.monitoring.model.logged import Logged, by_file, logged
from functions.monitoring.service.ports import PredictionFiles

log = structlog.get_logger()

_prediction = msgspec.json.Decoder(Prediction)
_lost = msgspec.json.Decoder(Lost)


class Ingestion:
    """Keeps batches of events.

    Args:
        files: where predictions are kept.
        upkeep: keeps files few.
    """

    def __init__(self, files: PredictionFiles, upkeep: Upkeep[LogFile]) -> None:
        self._files = files
        self._upkeep = upkeep

    def take(self, events: Sequence[Event], function: str) -> None:
        """Keep a function's events; again, however often and wherever they come, changes nothing.

        What is no prediction is logged, and keeps no other out.

        Raises:
            NoRoom: the bucket is full.
            Away: the bucket does not answer.
        """
        found = [one for one in map(_read, events) if one is not None]
        for (workspace, model, version, _), part in by_file(found).items():
            folder = predictions_of(Place(workspace, model), version).rstrip("/")
            file = LogFile(folder, _name(part))
            self._files.write(file, part)
            self._upkeep.count(file, file.hour_prefix)
        _tell_lost(events, function)
        self._upkeep.look()


def _read(event: Event) -> Logged | None:
    if event.type != MADE:
        return None
    try:
        found = logged(event.id, event.time, _prediction.decode(event.data))
    except (*UNREADABLE, ValueError) as error:
        log.warning("prediction not kept", id=event.id, error=str(error))
        return None
    told = found.told
    if not is_workspace(told.workspace) or not is_name(told.model):
        log.warning("prediction not kept", id=event.id, error="it is of no model")
        return None
    return found


def _name(part: Sequence[Logged]) -> Name:
    """Return a name that follows from what is in a file: the same when it comes again."""
    times = [one.at for one in part]
    ids = "\n".join(sorted(one.id for one in part))
    digest = hashlib.sha256(ids.encode()).hexdigest()[:32]
    return Name(min(times), max(times), len(part), digest)


def _tell_lost(events: Sequence[Event], function: str) -> None:
    for event in events:
        if event.type == LOST:
            count = _lost.decode(event.data).predictions
            log.warning("predictions lost", function=function, predictions=count)
