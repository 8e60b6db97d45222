"""Puts together what does steps, when there is one to do: its libraries take seconds to import."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from functions.kit.adapters.once import Once
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import Lease
from functions.training.service.ports import JobStore, OtherFunctions

if TYPE_CHECKING:
    from functions.training.service.step_kinds.base import Tools
    from functions.training.service.step_work import StepWork


def step_work(
    store: JobStore,
    functions: OtherFunctions,
    files: Callable[[], Bucket],
    clock: Clock,
    memory: int,
) -> "Callable[[Lease], StepWork]":
    """Return what makes the work of a step, given its lease; what steps share is made once.

    Args:
        store: the jobs.
        functions: the other functions.
        files: gives the bucket.
        clock: tells the time.
        memory: bytes that a replica has.
    """

    def together() -> "Tools":
        from functions.training.learning.plans import Plans  # noqa: PLC0415 - see above
        from functions.training.service.step_kinds import base  # noqa: PLC0415 - see above
        from functions.training.service.step_kinds.room import Room  # noqa: PLC0415 - see above

        return base.Tools(store, functions, files(), clock, Plans(), Room(), memory)

    tools = Once(together)

    def make(lease: Lease) -> "StepWork":
        from functions.training.service.step_work import StepWork  # noqa: PLC0415 - see above

        return StepWork(tools(), lease)

    return make
