"""The lease of a replica: what one request holds from the time that it is assigned one."""

from emulators.gateway.errors import GatewayError
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.replicas.deaths import Fate
from emulators.gateway.service.replicas.pool import Replica, RevisionPool, Waiter


class Lease:
    """A claim on one replica of a function.

    Args:
        function: Whose replica.
        tag: The revision's tag, if the address named one.

    Attributes:
        pool: The revision's whose turn it is.
        replica: What was assigned, until it is released.
    """

    __slots__ = ("function", "pool", "replica", "tag")

    def __init__(self, function: Function, tag: str = "") -> None:
        self.function = function
        self.tag = tag
        self.pool: RevisionPool = function.choose(tag)
        self.replica: Replica | None = None

    @property
    def fate(self) -> Fate | None:
        """Why the gateway ended the replica, if it did."""
        return self.replica.fate if self.replica is not None else None

    def acquire(self, waiter: Waiter) -> None:
        """Ask for a replica.

        Args:
            waiter: Gets it, or the refusal, at once or later.
        """
        if self.pool.retired:
            self.pool = self.function.choose(self.tag)
        try:
            replica = self.pool.acquire(waiter)
        except GatewayError as error:
            waiter.reject(error)
            return
        if replica is not None:
            waiter.assign(replica)

    def release(self) -> None:
        """Give the replica back, if there is one."""
        replica, self.replica = self.replica, None
        if replica is not None:
            replica.pool.release(replica)

    def end(self, waiter: Waiter) -> None:
        """Give the replica back, or stop waiting for one.

        Args:
            waiter: Who asked.
        """
        if self.replica is not None:
            self.release()
        elif waiter in self.pool.waiting:
            self.pool.abandon(waiter)
