"""What all kinds of step have: the job under a lease, its data, and its end with a reason."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import structlog

from functions.kit.contract.errors import DomainError, Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import Lease, Step
from functions.training.learning import plan
from functions.training.learning.candidates.estimators.problem import TooMuch
from functions.training.learning.graph.parity import Mismatch
from functions.training.learning.large import memory
from functions.training.learning.plan import Plan
from functions.training.learning.plans import Plans
from functions.training.learning.table import from_parquet
from functions.training.model import transitions
from functions.training.model.due import due_steps
from functions.training.model.jobs import Job
from functions.training.model.task import UnsuitableData
from functions.training.service.ports import Change, JobStore, OtherFunctions
from functions.training.service.step_kinds.room import Room

log = structlog.get_logger()


class Pace(NamedTuple):
    """How much is done at a go, in seconds of work.

    Attributes:
        turn: after which a candidate is given back, behind the steps of other jobs.
        record: after which results are written: what a kill may cost.
    """

    turn: float = 2.0
    record: float = 0.5


class Tools(NamedTuple):
    """What steps work with.

    Attributes:
        store: the jobs.
        functions: the other functions.
        files: snapshots and ONNX files.
        clock: tells when something happens, and how long it took.
        plans: of the jobs that this process works at.
        room: what its steps share.
        memory: bytes that a replica has.
        pace: how much is done at a go.
    """

    store: JobStore
    functions: OtherFunctions
    files: Bucket
    clock: Clock
    plans: Plans
    room: Room
    memory: int = memory.USUAL
    pace: Pace = Pace()


class Work:
    """Does one step of a job; what it notes holds only under the step's lease.

    What ends a job is noted in the job. What another try may mend (Firestore or another function
    away) is raised: the step stays due.

    Args:
        tools: what it works with.
        lease: that of the step.

    Attributes:
        made_due: steps that what was done has made due.
    """

    def __init__(self, tools: Tools, lease: Lease) -> None:
        self._tools = tools
        self._store = tools.store
        self._files = tools.files
        self._clock = tools.clock
        self._lease = lease
        self.made_due: list[Step] = []

    def _update(self, job: Job, change: Change) -> Job:
        """Change the job, if the step is still ours; raises Superseded."""
        begun: list[Step] = []

        def noted(before: Job) -> Job:
            after = change(before)
            was = due_steps(before)
            begun[:] = [step for step in due_steps(after) if step not in was]
            return after

        after = self._store.update(job.place, noted, self._lease)
        self.made_due += begun
        return after

    def _plan_of(self, job: Job) -> Callable[[], Plan] | None:
        """Return what makes the plan of a job that runs, its data read.

        None when that ends the job: they are gone.
        """
        if job.snapshot is None:
            raise ValueError(f"job {job.id} runs without a snapshot")
        try:
            return self._planned(job, job.snapshot, job.columns, job.most_rows)
        except UnsuitableData as error:
            self._fail(job, error)
            return None

    def _planned(
        self, job: Job, snapshot: str, columns: Sequence[Column], most: int | None
    ) -> Callable[[], Plan]:
        """Return what gives the plan; where it is not kept, the snapshot is read before.

        So data that cannot be read are told from data that kill their process.
        """
        plans, request = self._tools.plans, job.request
        stored = None if plans.has(snapshot, request, most) else self._read(snapshot)

        def make() -> Plan:
            data = self._read(snapshot) if stored is None else stored
            with self._tools.room.alone() if most is not None else nullcontext():
                return plan.make(from_parquet(data, columns), request, most)

        return lambda: plans.of(snapshot, request, make, most)

    def _read(self, snapshot: str) -> bytes:
        try:
            return self._files.read(snapshot)
        except FileNotFoundError as error:
            text = f"The snapshot {snapshot} is gone; was the dataset deleted meanwhile?"
            raise UnsuitableData(text) from error

    def _fail(self, job: Job, error: Exception) -> Job:
        """End the job with the reason; raises what another try may mend."""
        if isinstance(error, Transient):
            raise error
        why = reason(error)
        log.info("job failed", job=job.id, reason=why)
        return self._update(job, lambda job: transitions.fail(job, why, self._clock.now()))


def reason(error: Exception) -> str:
    """Return one sentence for the user: ours as it is, a library's with its kind."""
    if isinstance(error, DomainError):
        return "; ".join([error.detail, *(flaw.reason for flaw in error.flaws)])[:1000]
    if isinstance(error, UnsuitableData | Mismatch | TooMuch):
        return str(error)
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
