"""Asynchronous calls that are being carried out."""

import math

import msgspec

from emulators.gateway.errors import Cancelled
from emulators.gateway.model.queued_call import NOT_DEPLOYED, Outcome, QueuedRequest
from emulators.gateway.model.revision import Retry
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.inner_call import InnerCall
from emulators.gateway.queue.jetstream import Key
from emulators.gateway.queue.vault import SealError, Vault
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.edition import QueueRules

_UNLIMITED_CAPACITY = 64
_MOST_AT_ONCE = 256


class RunningCalls:
    """Carries calls out, and knows them meanwhile.

    Args:
        calls: What all calls share.
        plane: The functions.
        vault: Opens the credentials of what is queued.
        rules: What the queue does.
    """

    def __init__(self, calls: Calls, plane: Plane, vault: Vault, rules: QueueRules) -> None:
        self._calls = calls
        self._rules = rules
        self._plane = plane
        self._vault = vault
        self._running: dict[str, list[tuple[QueuedRequest, InnerCall]]] = {}

    # What the queue's and the events' workers ask.

    def policy(self, key: Key) -> Retry | None:
        """Return a function's retry policy."""
        function = self._plane.functions.get(key)
        if function is None:
            return None
        retry = function.serving.pool.revision.retry
        return retry if self._rules.retries else msgspec.structs.replace(retry, attempts=1)

    def capacity(self, key: Key) -> int:
        """Return how many calls at once its replicas may, or are meant to, work on."""
        function = self._plane.functions.get(key)
        if function is None:
            return 1
        revision = function.serving.pool.revision
        scaling = revision.scaling
        each = revision.concurrency or (scaling.target if scaling.metric == "concurrency" else None)
        if not each:
            return _UNLIMITED_CAPACITY
        return min(math.ceil(each * function.serving.autoscaler.maximum), _MOST_AT_ONCE)

    async def carry_out(self, request: QueuedRequest) -> Outcome:
        """Call the function."""
        function = self._plane.functions.get((request.namespace, request.function))
        if function is None:
            return NOT_DEPLOYED
        try:
            call = InnerCall(self._calls, function, self._vault.opened(request))
        except SealError as error:
            return Outcome(0, error=str(error))
        entry = request, call
        self._running.setdefault(request.call_id, []).append(entry)
        try:
            return await call.result()
        finally:
            self._running[request.call_id].remove(entry)
            if not self._running[request.call_id]:
                del self._running[request.call_id]

    # What those who ask for a call's state want to know.

    def find(self, call_id: str, owner: str | None) -> QueuedRequest | None:
        """Return a call that is being carried out now (None: anybody's), or None."""
        return next((request for request, _ in self._found(call_id, owner)), None)

    def cancel(self, call_id: str, owner: str | None) -> bool:
        """End a call that is being carried out; False when it is not."""
        found = self._found(call_id, owner)
        for _, call in found:
            call.give_up(Cancelled, "was cancelled")
        return bool(found)

    def _found(self, call_id: str, owner: str | None) -> list[tuple[QueuedRequest, InnerCall]]:
        return [one for one in self._running.get(call_id, ()) if owner in (None, one[0].owner)]
