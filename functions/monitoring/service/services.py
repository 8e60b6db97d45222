"""The services, put together."""

from typing import NamedTuple

from functions.kit.contract.telemetry.predictions import Event
from functions.kit.service.latecomers import Latecomers
from functions.monitoring.service.chores import Chores
from functions.monitoring.service.drift.choosing import Choosing
from functions.monitoring.service.exports import Exports
from functions.monitoring.service.ingestion import Ingestion
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.labelling import Labelling
from functions.monitoring.service.lookup import Lookup
from functions.monitoring.service.quality.viewing import QualityViewing
from functions.monitoring.service.windows.ports import Series
from functions.monitoring.service.windows.summing import Summing
from functions.monitoring.service.windows.viewing import Viewing


class Services(NamedTuple):
    """Takes predictions and labels in, finds them, and sums them into windows."""

    ingestion: Ingestion
    latecomers: Latecomers[list[Event]]
    labelling: Labelling
    lookup: Lookup
    exports: Exports
    known: KnownModels
    chores: Chores
    viewing: Viewing
    quality: QualityViewing
    summing: Summing
    choosing: Choosing

    @property
    def series(self) -> Series:
        """What was measured of a model, over time."""
        return self.viewing
