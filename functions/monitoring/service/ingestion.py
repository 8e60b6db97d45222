"""Takes batches of predictions in."""

import hashlib
from collections.abc import Sequence

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place, is_workspace
from functions.kit.contract.requests.decoding import UNREADABLE
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.telemetry.hourly import Name
from functions.kit.contract.telemetry.predictions import (
    COUNTED,
    LOST,
    MADE,
    Counted,
    Counts,
    Event,
    Lost,
    Prediction,
)
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.model.files import LogFile, predictions_of
from functions.monitoring.model.logged import Logged, by_file, logged
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.ports import PredictionFiles
from functions.monitoring.service.windows.marking import Marking
from functions.monitoring.service.windows.ports import CallCounts

log = structlog.get_logger()

_prediction = msgspec.json.Decoder(Prediction)
_counted = msgspec.json.Decoder(Counted)
_lost = msgspec.json.Decoder(Lost)


class Ingestion:
    """Keeps batches of events.

    Args:
        files: where predictions are kept.
        upkeep: keeps files few.
        marking: has windows summed of what is on disk.
        counts: keeps what came beside predictions.
    """

    def __init__(
        self,
        files: PredictionFiles,
        upkeep: Upkeep[LogFile],
        marking: Marking,
        counts: CallCounts,
    ) -> None:
        self._counts = counts
        self._files = files
        self._upkeep = upkeep
        self._marking = marking

    def take(self, events: Sequence[Event], function: str) -> None:
        """Keep a function's events; again, however often and wherever they come, changes nothing.

        What is no prediction is logged, and keeps no other out.

        Raises:
            NoRoom: the bucket, or what windows are kept in, is full.
            Away: one of the two does not answer.
        """
        found = [one for one in map(_read, events) if one is not None]
        versions: dict[Monitored, list[Logged]] = {}
        for (workspace, model, version, _), part in by_file(found).items():
            folder = predictions_of(Place(workspace, model), version).rstrip("/")
            file = LogFile(folder, _name(part))
            self._files.write(file, part)
            self._upkeep.count(file, file.hour_prefix)
            versions.setdefault(Monitored(Place(workspace, model), version), []).extend(part)
        self._marking.predictions(versions)
        self._count(events)
        _tell_lost(events, function)
        self._upkeep.look()

    def _count(self, events: Sequence[Event]) -> None:
        told: dict[Monitored, dict[int, Counts]] = {}
        for event in events:
            found = _read_counted(event)
            if found is not None:
                of = Monitored(Place(found.workspace, found.model), found.version)
                self._counts.add(of, found.uid, found.minute, event.id, found.counts)
                minutes = told.setdefault(of, {})
                minutes[found.minute] = minutes.get(found.minute, Counts()).plus(found.counts)
        for of, minutes in told.items():
            self._marking.counts(of, minutes)


def _read_counted(event: Event) -> Counted | None:
    if event.type != COUNTED:
        return None
    try:
        found = _counted.decode(event.data)
    except UNREADABLE as error:
        log.warning("calls not counted", id=event.id, error=str(error))
        return None
    if not is_workspace(found.workspace) or not is_name(found.model) or "/" in found.uid:
        log.warning("calls not counted", id=event.id, error="they are of no model")
        return None
    return found


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
