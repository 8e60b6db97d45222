"""What every job begins with: its dataset, pinned, and what its data make of the request.

The first step does it for a job, and whoever asks what a job would do has the same done.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.measures.names import DECIDING
from functions.kit.contract.records.columns import Column
from functions.training.learning import plan
from functions.training.learning.large import memory
from functions.training.learning.plan import Plan
from functions.training.learning.table import from_parquet
from functions.training.model.jobs import Search
from functions.training.model.planned import MOST_LABELS, JobPlan, PlannedColumn, PlannedRows
from functions.training.model.requests.spec import JobRequest, Split
from functions.training.model.task import UnsuitableData
from functions.training.service.checks import check_dataset, refused
from functions.training.service.ports import Snapshot
from functions.training.service.step_kinds import searching
from functions.training.service.step_kinds.tools import Tools


class Pinned(NamedTuple):
    """A request's data, read.

    Attributes:
        snapshot: of the dataset's current revision.
        most: rows to hold in memory; None: all.
        make: gives the plan.
    """

    snapshot: Snapshot
    most: int | None
    make: Callable[[], Plan]


def pin(tools: Tools, dataset: Place, request: JobRequest) -> Pinned:
    """Check the dataset, and read its snapshot.

    Raises:
        DomainError: the dataset does not fit the request, or cannot be had.
        UnsuitableData: the snapshot is gone.
    """
    check_dataset(tools.functions.dataset(dataset), request)
    found = tools.functions.snapshot(dataset)
    most = memory.most_rows(found.columns, tools.memory)
    return Pinned(found, most, planned(tools, request, found.path, found.columns, most))


def planned(
    tools: Tools, request: JobRequest, snapshot: str, columns: Sequence[Column], most: int | None
) -> Callable[[], Plan]:
    """Return what gives the plan; where it is not kept, the snapshot is read before.

    So data that cannot be read are told from data that kill their process.
    """
    plans = tools.plans
    stored = None if plans.has(snapshot, request, most) else read(tools, snapshot)

    def make() -> Plan:
        data = read(tools, snapshot) if stored is None else stored
        with tools.room.alone() if most is not None else nullcontext():
            return plan.make(from_parquet(data, columns), request, most)

    return lambda: plans.of(snapshot, request, make, most)


def preview(tools: Tools, workspace: str, request: JobRequest) -> JobPlan:
    """Return what a job with this request would do; nothing of it is kept but the snapshot.

    Raises:
        Invalid: it would fail when it begins; the reason is the job's.
        DomainError: the dataset or its file cannot be had.
    """
    try:
        pinned = pin(tools, Place(workspace, request.dataset), request)
        made = pinned.make()
    except UnsuitableData as error:
        raise refused(str(error)) from error
    return _told(request, pinned.snapshot, made, searching.search(made, request))


def read(tools: Tools, snapshot: str) -> bytes:
    """Return a snapshot's file; raises UnsuitableData where it is gone."""
    try:
        return tools.files.read(snapshot)
    except FileNotFoundError as error:
        text = f"The snapshot {snapshot} is gone; was the dataset deleted meanwhile?"
        raise UnsuitableData(text) from error


def _told(request: JobRequest, snapshot: Snapshot, made: Plan, search: Search) -> JobPlan:
    kinds = {column.name: column.kind for column in snapshot.columns}
    labels = made.signature.labels[:MOST_LABELS]
    return JobPlan(
        dataset=request.dataset,
        model=request.model or request.dataset,
        target=request.target,
        revision=snapshot.revision,
        task=made.task,
        labels=labels,
        positive=labels[-1] if made.task == "binary" else None,
        measure=request.measure or DECIDING[made.task],
        rows=_rows(made),
        split=_split(request.split, made),
        folds=min(request.folds, len(made.folds)),
        columns=[
            PlannedColumn(
                column=one.column, kind=kinds[one.column], used=one.used, reason=one.reason
            )
            for one in made.decisions
        ],
        algorithms=list(dict.fromkeys(one.algorithm for one in search.choices)),
        candidates=len(search.choices),
        rungs=search.rungs,
        seconds=search.seconds,
        notes=made.notes,
    )


def _rows(made: Plan) -> PlannedRows:
    left_out = {reason: rows for reason, rows in made.left_out.items() if rows}
    total = made.all_rows + sum(left_out.values())
    held_out = made.all_rows - made.fitted_rows
    return PlannedRows(total=total, train=made.fitted_rows, held_out=held_out, left_out=left_out)


def _split(asked: Split, made: Plan) -> Split:
    """Return the split with its column; a column of role "group" counts where none is asked for."""
    if not made.split_columns:
        return asked
    return Split("group" if asked.by == "record" else asked.by, made.split_columns[0])
