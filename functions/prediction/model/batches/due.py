"""Which steps are due for a batch: they follow from its document, and from nothing else."""

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import Step
from functions.prediction.model.batches.batch import Batch

FUNCTION = "prediction"
BATCHES = "batches"
WINDOW = 16
"""Parts of a batch that are due at a time: so many replicas work at it, and batches take turns."""


def start_step(batch: Place) -> Step:
    """Return the step that looks at the rows and cuts them into parts."""
    return _step(batch, "start")


def part_step(batch: Place, place: int) -> Step:
    """Return the step that predicts for a part."""
    return _step(batch, "parts", str(place))


def finish_step(batch: Place) -> Step:
    """Return the step that puts the parts together."""
    return _step(batch, "finish")


def tidy_step(batch: Place) -> Step:
    """Return the step that removes what an ended batch needs no more."""
    return _step(batch, "tidy")


def due_steps(batch: Batch) -> list[Step]:
    """Return what is to be done for a batch to get on."""
    place = batch.place
    if batch.ended:
        return [tidy_step(place)] if batch.keeps_files or batch.removed else []
    if batch.state == "queued":
        return [start_step(place)]
    undone = batch.undone
    return [part_step(place, one) for one in undone[:WINDOW]] if undone else [finish_step(place)]


def _step(batch: Place, *which: str) -> Step:
    path = workspaces.path(batch.workspace, BATCHES, batch.name, "steps", *which)
    return Step(FUNCTION, f"/{path}")
