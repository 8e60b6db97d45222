"""What keeps and finds predictions and labels, put together."""

import datetime as dt
from typing import NamedTuple

from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.records import sensitive
from functions.kit.contract.telemetry import predictions
from functions.kit.contract.telemetry.predictions import Event
from functions.kit.service.bounded import Quotas
from functions.kit.service.latecomers import Latecomers
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.adapters.export import Export
from functions.monitoring.adapters.parquet_labels import ParquetLabels
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.adapters.waiting_labels import WaitingFiles
from functions.monitoring.model.files import LABELS, PREDICTIONS
from functions.monitoring.service.chores import Chores
from functions.monitoring.service.exports import Exports
from functions.monitoring.service.ingestion import Ingestion
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.labelling import Labelling
from functions.monitoring.service.lookup import Lookup
from functions.monitoring.service.ports import Explainer, Models
from functions.monitoring.service.services import Services


class World(NamedTuple):
    """What they need.

    Attributes:
        bucket: where everything is.
        clock: tells the time.
        keep: how long predictions and labels are kept.
        step_secret: what workspaces' secrets follow from.
        explainer: explains predictions.
        models: those that are registered.
        quotas: what accounts may have explained.
    """

    bucket: Bucket
    clock: Clock
    keep: dt.timedelta
    step_secret: str
    explainer: Explainer
    models: Models
    quotas: Quotas


def services(world: World) -> Services:
    """Return the services over a world."""
    bucket, clock, keep = world.bucket, world.clock, world.keep
    files, kept = ParquetPredictions(bucket), ParquetLabels(bucket)
    looked_after = Upkeep("predictions", PREDICTIONS, files, clock, keep)
    ingestion = Ingestion(files, looked_after)
    untold: Untold[list[Event]] = Untold(predictions.UNTOLD, list[Event], bucket)
    latecomers = Latecomers("predictions", untold, ingestion.take, clock)
    upkeep = Upkeep("labels", LABELS, kept, clock, keep)

    def hashed(workspace: str, column: str, text: str) -> str:
        secret = sensitive.secret_of(world.step_secret, workspace)
        return sensitive.hashed(secret, column, text) or ""

    waiting = WaitingFiles(bucket)
    labelling = Labelling(files, kept, waiting, world.models, upkeep, hashed, clock, keep)
    lookup = Lookup(
        files, labelling, latecomers, world.explainer, world.quotas, world.models, clock
    )
    exports = Exports(files, labelling, Export(files).open)
    known = KnownModels(files, world.models)
    chores = Chores(latecomers, labelling, [looked_after, upkeep], clock)
    return Services(ingestion, latecomers, labelling, lookup, exports, known, chores)
