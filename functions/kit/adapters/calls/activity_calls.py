"""Tells `accounts` of activity, by calls."""

from types import NoneType

from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.contract.telemetry.activity import ACCOUNTS, PATH, Batch

_CONNECT, _SHORTEST = 2.0, 0.05  # seconds


class ActivityCalls:
    """Gives batches to `accounts`.

    Args:
        calls: reaches functions.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def send(self, batch: Batch, within: float) -> None:
        """Give a batch, within so many seconds; raises DomainError.

        Tries are the log's affair: it makes them longer apart, and ends them.
        """
        wait = max(within, _SHORTEST)
        timeout = (min(wait, _CONNECT), wait, wait, wait)
        self._calls.call(ACCOUNTS, "POST", PATH, NoneType, batch, timeout=timeout, seconds=0.0)
