"""Hints to look at steps: worth a try each, since none is relied on."""

from collections.abc import Callable, Iterable

import structlog

from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Queue
from functions.kit.contract.steps import Step

log = structlog.get_logger()

MOST_FAILURES = 2
"""In a row, after which a queue counts as away: each may take its seconds, and users wait."""

Unsent = Callable[[Step], object]
"""Is told of a step whose hint no queue took."""


def ignore(_: Step) -> None:
    """Leave what was not sent as it is: its time to be looked for has not changed."""


class Hints:
    """Sends hints; one that the queue does not take is left to whoever looks for overdue steps.

    Args:
        queue: what carries them.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def send(self, steps: Iterable[Step], unsent: Unsent = ignore) -> None:
        """Have each step looked at soon; never raises for a queue that is away."""
        failures = 0
        for step in steps:
            if failures == MOST_FAILURES:
                log.warning("queue away: not asked for", step=step.path)
                unsent(step)
                continue
            try:
                self._queue.look(step)
                failures = 0
            except Transient as error:
                failures += 1
                log.warning("queue away", step=step.path, error=str(error))
                unsent(step)
