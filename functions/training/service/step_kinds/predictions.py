"""What a job keeps for its own final step: objects `training/{job}/…` in the bucket.

Predictions of candidates, members that are fitted on all rows, and what is to be registered.
"""

import io
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Bucket
from functions.training.learning.ensembles import twins
from functions.training.learning.ensembles.twins import Twins

FOLDER = "training"
_TYPE = "application/octet-stream"
_KINDS = (".npy", ".npz", ".json")


def folder_of(job: Place) -> str:
    """Return what the names of a job's objects begin with."""
    return workspaces.path(job.workspace, FOLDER, job.name, "")


def write(files: Bucket, job: Place, candidate: int, folds: Sequence[NDArray[Any]]) -> str:
    """Keep the predictions of some folds' test rows, one after the other; return the name."""
    held = io.BytesIO()
    np.save(held, np.concatenate(folds), allow_pickle=False)
    return _keep(files, job, f"{candidate}-{{}}.npy", held.getvalue())


def write_member(files: Bucket, job: Place, candidate: int, member: Twins) -> str:
    """Keep a member; return the name."""
    return _keep(files, job, f"member-{candidate}-{{}}.npz", member.to_bytes())


def read_member(files: Bucket, path: str) -> Twins:
    """Return a member; raises FileNotFoundError when it is gone."""
    return twins.from_bytes(files.read(path))


def write_registration(files: Bucket, job: Place, data: bytes) -> str:
    """Keep what is to be registered, as JSON; return the name."""
    return _keep(files, job, "registration-{}.json", data)


def _keep(files: Bucket, job: Place, name: str, data: bytes) -> str:
    """Write an object under a name that is never used again."""
    path = folder_of(job) + name.format(uuid.uuid4().hex[:12])
    files.write(path, data, _TYPE)
    return path


def read(files: Bucket, paths: Collection[str]) -> NDArray[Any]:
    """Return the predictions of all folds' test rows, in the order of folds.

    Raises:
        FileNotFoundError: one is gone.
    """
    found = [np.load(io.BytesIO(files.read(path)), allow_pickle=False) for path in paths]
    return np.concatenate(found)


def job_of(path: str, workspace: str) -> Place | None:
    """Return the job whose object has this name; None: it is not ours."""
    rest = path.removeprefix(workspaces.path(workspace, FOLDER, ""))
    name, slash, file = rest.partition("/")
    return Place(workspace, name) if slash and file.endswith(_KINDS) else None
