"""Tells `models` which versions are warm, by calls."""

from types import NoneType

from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.contract.serving import MODELS, PATH, Told

TIMEOUT: Timeout = (2.0, 10.0, 10.0, 10.0)


class ServingCalls:
    """Gives what a replica tells to `models`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def tell(self, told: Told) -> None:
        """Give it; raises DomainError. Tries are the caller's affair."""
        self._calls.call(MODELS, "POST", PATH, NoneType, told, timeout=TIMEOUT, seconds=0.0)
