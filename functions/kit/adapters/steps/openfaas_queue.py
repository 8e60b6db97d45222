"""Hints by OpenFaaS's asynchronous calls: `/async-function/{function}{path}`, without a body."""

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.steps import Step


class OpenFaasQueue:
    """The Queue behind an OpenFaaS gateway.

    Args:
        calls: what calls functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def look(self, step: Step) -> None:
        """See Queue; the call itself is the step's route."""
        self._calls.enqueue(step.function, step.path)
