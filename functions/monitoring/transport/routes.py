"""All routes of the function."""

from functions.kit.contract.predictions import Event
from functions.kit.http.api import Api
from functions.kit.service.latecomers import Latecomers
from functions.monitoring.service.exports import Exports
from functions.monitoring.service.ingestion import Ingestion
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.labelling import Labelling
from functions.monitoring.service.lookup import Lookup
from functions.monitoring.transport import events, labels, predictions


def add(
    api: Api,
    ingestion: Ingestion,
    latecomers: Latecomers[list[Event]],
    labelling: Labelling,
    lookup: Lookup,
    exports: Exports,
    known: KnownModels,
    max_bytes: int,
) -> None:
    """Register the routes; a body of labels may have `max_bytes`."""
    events.add(api, ingestion, latecomers, labelling)
    predictions.add(api, lookup, exports, known)
    labels.add(api, labelling, known, max_bytes)
