"""Quotas' ledgers in memory, for tests."""

import threading

from functions.kit.contract.access import quotas
from functions.kit.contract.access.quotas import Answer, Ask, Ledger
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Clock


class MemoryLedgers:
    """The Ledgers of a process.

    Args:
        clock: the one that windows go by.

    Attributes:
        is_away: whether it answers nobody.
        asked: how many asks it has answered.
    """

    def __init__(self, clock: Clock) -> None:
        self.is_away = False
        self.asked = 0
        self._clock = clock
        self._kept: dict[str, Ledger] = {}
        self._lock = threading.Lock()

    def lease(self, account: str, ask: Ask) -> Answer:
        """See Ledgers."""
        if self.is_away:
            raise Away("The ledgers are away.")
        with self._lock:
            found = self._kept.get(account, Ledger())
            now = self._clock.now().timestamp()
            self._kept[account], answer = quotas.lease(found, ask, now)
            self.asked += 1
        return answer

    def used(self, account: str) -> int:
        """See Ledgers."""
        return quotas.used(self._kept.get(account, Ledger()), self._clock.now().timestamp())
