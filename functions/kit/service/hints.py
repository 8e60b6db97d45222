"""Hints to look at steps: worth a try each, since none is relied on."""

from collections.abc import Iterable

import structlog

from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Queue
from functions.kit.contract.steps import Step

log = structlog.get_logger()


class Hints:
    """Sends hints; one that the queue does not take is left to whoever looks for overdue steps.

    Args:
        queue: what carries them.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, steps: Iterable[Step]) -> None:
        """Have each step looked at soon; never raises for a queue that is away."""
        for step in steps:
            try:
                self._queue.look(step)
            except Transient as error:
                log.warning("queue away", step=step.path, error=str(error))
