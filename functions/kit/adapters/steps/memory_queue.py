"""A queue in memory, whose messages a test delivers itself."""

from collections import deque

from functions.kit.contract.errors import Away
from functions.kit.contract.steps import Step


class MemoryQueue:
    """A Queue of one process.

    Attributes:
        messages: the steps to look at, the longest waiting first.
        is_open: it takes messages.
    """

    def __init__(self) -> None:
        self.messages: deque[Step] = deque()
        self.is_open = True

    def look(self, step: Step) -> None:
        """See Queue."""
        if not self.is_open:
            raise Away("The queue takes nothing.")
        self.messages.append(step)
