"""Puts together what does steps, when there is one to do: its libraries take seconds to import."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.adapters.once import Once
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import Lease
from functions.training.model.planned import JobPlan
from functions.training.model.requests.spec import JobRequest
from functions.training.service.ports import JobStore, OtherFunctions

if TYPE_CHECKING:
    from functions.training.service.step_kinds.tools import Tools
    from functions.training.service.step_work import StepWork


class Learning(NamedTuple):
    """What needs the libraries that learn.

    Attributes:
        work: makes the work of a step, given its lease.
        preview: tells what a job with a request, in a workspace, would do.
    """

    work: "Callable[[Lease], StepWork]"
    preview: Callable[[str, JobRequest], JobPlan]


def learning(
    store: JobStore,
    functions: OtherFunctions,
    files: Callable[[], Bucket],
    clock: Clock,
    memory: int,
) -> Learning:
    """Return what learns; what steps share is made once, when the first one is to be done.

    Args:
        store: the jobs.
        functions: the other functions.
        files: gives the bucket.
        clock: tells the time.
        memory: bytes that a replica has.
    """

    def together() -> "Tools":
        from functions.training.learning.plans import Plans  # noqa: PLC0415 - see above
        from functions.training.service.step_kinds.room import Room  # noqa: PLC0415 - see above
        from functions.training.service.step_kinds.tools import Tools  # noqa: PLC0415 - see above

        return Tools(store, functions, files(), clock, Plans(), Room(), memory)

    tools = Once(together)

    def work(lease: Lease) -> "StepWork":
        from functions.training.service.step_work import StepWork  # noqa: PLC0415 - see above

        return StepWork(tools(), lease)

    def preview(workspace: str, request: JobRequest) -> JobPlan:
        from functions.training.service.step_kinds import planning  # noqa: PLC0415 - see above

        return planning.preview(tools(), workspace, request)

    return Learning(work, preview)
