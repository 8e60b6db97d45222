"""What a store must know of batches."""

from functions.kit.contract.access.over_quota import OpenBound
from functions.kit.contract.stepped import Kind, due_now
from functions.prediction.model.batches.batch import Batch
from functions.prediction.model.batches.due import BATCHES, due_steps

MOST_OPEN = 100
"""Batches that an account may have open: each keeps a file, and parts of all take turns."""
OPEN = OpenBound("openbatches", "batches", MOST_OPEN)


def of_model(model: str) -> tuple[str]:
    """Return the list of a model's batches."""
    return (model,)


BATCH: Kind[Batch] = Kind(
    noun="batch",
    collection=BATCHES,
    type=Batch,
    due=lambda batch: due_now(due_steps(batch)),
    list_of=lambda batch: of_model(batch.model),
    open_of=lambda batch: "" if batch.ended else batch.account,
)
