"""The plans of the jobs that this process works at: made once, not by each step.

A plan follows from an immutable snapshot and the request, so that what is kept is never stale.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence

import msgspec

from functions.kit.contract.columns import Column
from functions.training.learning import plan
from functions.training.learning.plan import Plan
from functions.training.learning.table import from_parquet
from functions.training.model.spec import JobRequest

Key = tuple[str, bytes]

MOST = 4
MOST_ROWS = 300_000


class Plans:
    """Keeps the last few plans.

    Args:
        most: plans at a time; 0 keeps none.
        most_rows: of all plans together; one alone may have more.
    """

    def __init__(self, most: int = MOST, most_rows: int = MOST_ROWS) -> None:
        self._most = most
        self._most_rows = most_rows
        self._kept: OrderedDict[Key, Plan] = OrderedDict()
        self._lock = threading.Lock()
        self._making: defaultdict[Key, threading.Lock] = defaultdict(threading.Lock)

    def of(
        self,
        snapshot: str,
        columns: Sequence[Column],
        request: JobRequest,
        read: Callable[[str], bytes],
    ) -> Callable[[], Plan]:
        """Return what gives the plan; where it is not kept, the snapshot is read before.

        So the caller can tell data that cannot be read from data that kill their process.
        """
        key = (snapshot, msgspec.json.encode(request))
        if (known := self._find(key)) is not None:
            return lambda: known
        stored = read(snapshot)
        return lambda: self._make(key, stored, columns, request)

    def _find(self, key: Key) -> Plan | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _make(
        self, key: Key, stored: bytes, columns: Sequence[Column], request: JobRequest
    ) -> Plan:
        """Make a plan, once for all steps that ask for it at the same time."""
        with self._lock:
            making = self._making[key]
        with making:
            known = self._find(key)
            if known is None:
                known = plan.make(from_parquet(stored, columns), request)
                self._keep(key, known)
        return known

    def _keep(self, key: Key, made: Plan) -> None:
        with self._lock:
            self._making.pop(key, None)
            self._kept[key] = made
            while len(self._kept) > self._most or (len(self._kept) > 1 and self._is_much()):
                self._kept.popitem(last=False)

    def _is_much(self) -> bool:
        rows = sum(one.train.rows + one.held_out.rows for one in self._kept.values())
        return rows > self._most_rows
