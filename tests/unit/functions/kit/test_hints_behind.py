"""Hints that are sent behind the back of who gives them."""

import threading

from functions.kit.contract.steps import Step
from functions.kit.service.hints_behind import HintsBehind

STEPS = [Step("prediction", f"/steps/{number}") for number in range(20)]


class OneThread:
    """A queue that takes nothing while the only thread of its function is busy."""

    def __init__(self) -> None:
        self.is_free = threading.Event()
        self.taken: list[Step] = []

    def look(self, step: Step) -> None:
        assert self.is_free.wait(10)
        self.taken.append(step)


def test_who_gives_hints_waits_for_nobody_and_their_order_stays() -> None:
    queue = OneThread()
    hints = HintsBehind(queue)
    hints.send(STEPS[:5])
    hints.send([])
    hints.send(STEPS[5:])
    assert queue.taken == []
    queue.is_free.set()
    hints.close()
    assert queue.taken == STEPS
