"""What keeps and finds predictions and labels, put together."""

import datetime as dt
from typing import NamedTuple, Protocol

from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.ports import Bucket, Clock, StepStore
from functions.kit.contract.records import sensitive
from functions.kit.contract.stepped import SteppedStore
from functions.kit.contract.telemetry import predictions
from functions.kit.contract.telemetry.predictions import Event
from functions.kit.service.bounded import Quotas
from functions.kit.service.hints import Hints
from functions.kit.service.latecomers import Latecomers
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.adapters.export import Export
from functions.monitoring.adapters.parquet_labels import ParquetLabels
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.adapters.quality.read_table import read_rows
from functions.monitoring.adapters.waiting_labels import WaitingFiles
from functions.monitoring.adapters.windows.labelled_log import LabelledLog
from functions.monitoring.adapters.windows.references import FileOf, StoredReferences
from functions.monitoring.adapters.windows.sum_files import BucketSums
from functions.monitoring.adapters.windows.tallies import ParquetTallies
from functions.monitoring.model.files import LABELS, PREDICTIONS
from functions.monitoring.model.windows.monitor import Monitor
from functions.monitoring.service.chores import Chores
from functions.monitoring.service.drift.basis import Bases
from functions.monitoring.service.drift.choosing import Choosing
from functions.monitoring.service.drift.comparing import Comparing
from functions.monitoring.service.drift.explaining import Explaining
from functions.monitoring.service.drift.ports import Comparisons, ExplainsMany
from functions.monitoring.service.exports import Exports
from functions.monitoring.service.ingestion import Ingestion
from functions.monitoring.service.known_models import KnownModels
from functions.monitoring.service.labelling import Labelling
from functions.monitoring.service.lookup import Lookup
from functions.monitoring.service.ports import Explainer, Models
from functions.monitoring.service.quality.measuring import QualityMeasurer
from functions.monitoring.service.quality.ports import Versions
from functions.monitoring.service.quality.viewing import QualityViewing
from functions.monitoring.service.services import Services
from functions.monitoring.service.windows.marking import Marking
from functions.monitoring.service.windows.measuring import Measuring
from functions.monitoring.service.windows.ports import CallCounts, Windows
from functions.monitoring.service.windows.summing import LEASE, Summing, Tools
from functions.monitoring.service.windows.viewing import Viewing


class Steps(Protocol):
    """What a function with steps needs for them (`kit.adapters.steps.step_tools.StepTools`)."""

    @property
    def store(self) -> StepStore:
        """Keeps them."""

    @property
    def hints(self) -> Hints:
        """Ask for steps."""

    @property
    def lookout(self) -> Lookout:
        """Looks for overdue ones."""


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
        steps: where steps are, who asks for them, and looks after them.
        monitors: what is to be summed of versions.
        windows: what was.
        file_of: knows the files of versions' references.
        versions: what is known of those.
        explains: explains many predictions.
        comparisons: how models' windows are compared.
        counts: what came beside predictions.
    """

    bucket: Bucket
    clock: Clock
    keep: dt.timedelta
    step_secret: str
    explainer: Explainer
    models: Models
    quotas: Quotas
    steps: Steps
    monitors: SteppedStore[Monitor]
    windows: Windows
    file_of: FileOf
    versions: Versions
    explains: ExplainsMany
    comparisons: Comparisons
    counts: CallCounts


def services(world: World) -> Services:
    """Return the services over a world."""
    bucket, clock, keep = world.bucket, world.clock, world.keep
    files, kept = ParquetPredictions(bucket), ParquetLabels(bucket)
    looked_after = Upkeep("predictions", PREDICTIONS, files, clock, keep)
    marking = Marking(world.monitors, world.steps.hints, world.steps.lookout, clock, keep)
    ingestion = Ingestion(files, looked_after, marking, world.counts)
    untold: Untold[list[Event]] = Untold(predictions.UNTOLD, list[Event], bucket)
    latecomers = Latecomers("predictions", untold, ingestion.take, clock)
    upkeep = Upkeep("labels", LABELS, kept, clock, keep)

    def hashed(workspace: str, column: str, text: str) -> str:
        secret = sensitive.secret_of(world.step_secret, workspace)
        return sensitive.hashed(secret, column, text) or ""

    waiting = WaitingFiles(bucket)
    labelling = Labelling(
        files,
        kept,
        waiting,
        world.models,
        upkeep,
        hashed,
        clock,
        keep,
        corrected=marking.labels,
    )
    lookup = Lookup(
        files, labelling, latecomers, world.explainer, world.quotas, world.models, clock
    )
    exports = Exports(files, labelling, Export(files).open)
    known = KnownModels(files, world.models)
    chores = Chores(latecomers, labelling, [looked_after, upkeep], world.steps.lookout, clock)
    return Services(
        ingestion,
        latecomers,
        labelling,
        lookup,
        exports,
        known,
        chores,
        *_windows(world, files, labelling),
        Choosing(world.comparisons, world.models),
    )


def _windows(
    world: World, files: ParquetPredictions, labelling: Labelling
) -> tuple[Viewing, QualityViewing, Summing]:
    """Return what shows windows and their quality, and what sums them."""
    monitors, windows, steps = world.monitors, world.windows, world.steps
    sums, references = BucketSums(world.bucket), StoredReferences(world.bucket, world.file_of)
    log = LabelledLog(files, labelling)
    measurer = QualityMeasurer(world.versions, windows, read_rows)
    bases = Bases(windows, sums, log, world.comparisons)
    comparing = Comparing(bases, Explaining(world.explains))
    measuring = Measuring(windows, sums, comparing, log, [measurer])
    tools = Tools(
        monitors,
        StepRunner(steps.store, steps.hints, world.clock, LEASE),
        steps.lookout,
        world.models,
        references,
        ParquetTallies(files),
        world.counts,
        windows,
        sums,
        measuring,
        world.clock,
        world.keep,
    )
    viewing = Viewing(monitors, windows, sums, references, steps.lookout)
    quality = QualityViewing(viewing, windows, world.models, measurer, log)
    return viewing, quality, Summing(tools)
