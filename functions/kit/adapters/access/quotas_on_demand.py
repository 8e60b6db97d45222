"""The quotas of this process, made for the first caller whose plan may have a bound.

A cold start that serves nobody of these does not import what counts.
"""

import atexit
from typing import TYPE_CHECKING

from functions.kit.adapters.once import Once
from functions.kit.contract.access.identity import Caller
from functions.kit.lazy import Lazy
from functions.kit.service.bounded import UNBOUNDED, Bounded, is_bounded

if TYPE_CHECKING:
    from functions.kit.adapters.access import firestore_quotas
    from functions.kit.service import quotas
else:
    firestore_quotas = Lazy("functions.kit.adapters.access.firestore_quotas")
    quotas = Lazy("functions.kit.service.quotas")


class QuotasOnDemand:
    """The Quotas whose ledgers are Firestore's."""

    def __init__(self) -> None:
        self._counting = Once(_counting)

    def of(self, caller: Caller) -> Bounded:
        """See Quotas."""
        return self._counting().of(caller) if is_bounded(caller) else UNBOUNDED


def _counting() -> "quotas.Quotas":
    """Return what counts; what it holds goes back when the process ends."""
    made = quotas.Quotas(firestore_quotas.find_plan, firestore_quotas.FirestoreLedgers())
    atexit.register(made.close)
    return made
