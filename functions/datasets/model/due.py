"""Which step is due for a dataset: it follows from its state, and from nothing else."""

from functions.datasets.model.dataset import Stored, Work
from functions.kit.contract.access.workspaces import Place, path
from functions.kit.contract.steps import Step

FUNCTION = "datasets"
VERBS: dict[Work, str] = {"importing": "import", "deleting": "remove", "changing": "change"}
"""The states in which there is work, and the last part of the step's route."""


def step_in(place: Place, work: Work) -> Step:
    """Return the step that works on a dataset in one of the states of VERBS."""
    return Step(FUNCTION, f"/{path(place.workspace, 'datasets', place.name, VERBS[work])}")


def due_steps(dataset: Stored) -> list[Step]:
    """Return what is to be done for a dataset to get on; none or one."""
    return [step_in(dataset.place, dataset.work)] if dataset.work in VERBS else []
