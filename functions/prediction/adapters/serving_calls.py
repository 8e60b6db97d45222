"""Tells `models` which versions are warm, by calls."""

from types import NoneType

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls, Timeout
from functions.kit.adapters.config import Settings
from functions.kit.contract.models.serving import MODELS, PATH, Told

FUNCTION = "prediction"
TIMEOUT: Timeout = (2.0, 10.0, 10.0, 10.0)


class ServingCalls:
    """Gives what a replica tells to `models`.

    Args:
        settings: the function's.
        addresses: where functions are called.
    """

    def __init__(self, settings: Settings, addresses: FunctionAddresses) -> None:
        self._calls = Calls(FUNCTION, settings, addresses)

    def tell(self, told: Told) -> None:
        """Give it; raises DomainError. Tries are the caller's affair."""
        self._calls.call(MODELS, "POST", PATH, NoneType, told, timeout=TIMEOUT, seconds=0.0)
