"""Hints that are sent behind the back of who gives them."""

import threading

from functions.kit.contract.errors import Away
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


class Broken(OneThread):
    """A queue that fails at its first hint in a way that nobody foresaw, and later as they do."""

    def look(self, step: Step) -> None:
        if step == STEPS[0]:
            raise RuntimeError("A module was imported by half.")
        if step == STEPS[2]:
            raise Away("The queue does not take it.")
        super().look(step)


def test_a_hint_that_fails_unforeseen_is_not_the_last_one() -> None:
    queue, unsent = Broken(), list[Step]()
    queue.is_free.set()
    hints = HintsBehind(queue)
    hints.send(STEPS[:1])
    hints.send(STEPS[1:4], unsent.append)
    hints.close()
    assert (queue.taken, unsent) == ([STEPS[1], STEPS[3]], [STEPS[2]])
