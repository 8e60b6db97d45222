"""Has the versions that serve say what they make of the held-out rows of one that is made."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

import structlog

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound, Transient
from functions.kit.contract.measures import held_out
from functions.kit.contract.measures.held_out import HeldOut, Rival
from functions.kit.contract.models.registration import CHAMPION
from functions.training.learning.evaluation import rivals
from functions.training.learning.evaluation.rivals import Serving
from functions.training.learning.plan import Plan
from functions.training.learning.table import from_parquet
from functions.training.model.jobs import Job
from functions.training.service.ports import Version
from functions.training.service.step_kinds.tools import Tools

log = structlog.get_logger()

SNAPSHOTS = "snapshots"
"""What the names of tables' snapshots begin with: who registers a version says there anything."""
# Versions that aliases name; the champion is the first of them.
MOST = 3


def serving(tools: Tools, model: Place) -> list[Version]:
    """Return the versions that a model's aliases name, the champion first; some may be gone.

    Raises:
        Transient: the registry does not answer now.
    """
    try:
        aliases = tools.functions.model(model).aliases
    except NotFound:
        return []
    named = [aliases[name] for name in sorted(aliases, key=lambda name: (name != CHAMPION, name))]
    return list(_there(tools, model, list(dict.fromkeys(named))[:MOST]))


def _there(tools: Tools, model: Place, numbers: Sequence[int]) -> Iterator[Version]:
    for number in numbers:
        try:
            yield tools.functions.version(model, number)
        except NotFound:
            log.info("version gone", model=model.name, version=number)


def with_rivals(
    tools: Tools, job: Job, plan: Plan, made: HeldOut, versions: Sequence[Version]
) -> bytes:
    """Return held-out predictions as they are kept, with what others say of the same rows.

    Without that of a version that cannot be asked, or where it would be too much to keep: then the
    rows that both held out are what they are compared on.
    """
    said = [found for one in versions if (found := _said(tools, job, plan, one)) is not None]
    data = replace(made, rivals=said).to_bytes()
    if not said or len(data) <= held_out.MOST_BYTES:
        return data
    log.warning("rivals not kept", job=job.id, bytes=len(data))
    return made.to_bytes()


def _said(tools: Tools, job: Job, plan: Plan, version: Version) -> Rival | None:
    mine, its = plan.signature, version.signature
    if (its.task, its.target, its.labels) != (mine.task, mine.target, mine.labels):
        return None
    try:
        with tools.room.alone() if job.most_rows is not None else nullcontext():
            return _asked(tools, job, plan, version)
    except Transient:
        raise
    except Exception as error:  # noqa: BLE001 - its file and its table are of another day
        log.warning("version not asked", job=job.id, version=version.version, error=repr(error))
        return None


def _asked(tools: Tools, job: Job, plan: Plan, version: Version) -> Rival | None:
    file = version.file
    if file is None:  # a function answers: what it learnt from, nobody knows
        return None
    if not version.snapshot.startswith(workspaces.path(job.workspace, SNAPSHOTS, "")):
        raise ValueError(f"version {version.version} names no snapshot of its workspace")
    onnx = tools.files.read(file.path)
    if hashlib.sha256(onnx).hexdigest() != file.sha256:
        raise ValueError(f"the file of version {version.version} is not what was registered")
    table = from_parquet(tools.files.read(job.snapshot or ""), job.columns)
    known = Serving(version.signature, file.sha256, onnx, tools.files.read(version.snapshot))
    return rivals.ask(plan, table, known)
