"""Asking a function's pools for a replica, and giving it back."""

from emulators.gateway.errors import GatewayError
from emulators.gateway.service.functions import Function
from emulators.gateway.service.pool import Replica, RevisionPool


class ReplicaWaiter:
    """Someone who wants one replica for as long as something lasts (`service.pool.Waiter`).

    Args:
        function: Whose replica.
        tag: The revision's tag, if the address named one.

    Attributes:
        pool: The revision's whose turn it is.
        replica: What was granted, until it is released.
    """

    __slots__ = ("function", "pool", "replica", "tag")

    def __init__(self, function: Function, tag: str = "") -> None:
        self.function = function
        self.tag = tag
        self.pool: RevisionPool = function.choose(tag)
        self.replica: Replica | None = None

    def moved(self) -> None:
        """Its revision gets no more requests: asks for a replica of the one that does."""
        self.ask()

    def ask(self) -> None:
        """Asks for a replica; `granted` or `refused` follows, at once or later."""
        if self.pool.retired:
            self.pool = self.function.choose(self.tag)
        try:
            replica = self.pool.acquire(self)
        except GatewayError as error:
            self.refused(error)
            return
        if replica is not None:
            self.granted(replica)

    def granted(self, replica: Replica) -> None:
        """A replica is there."""
        raise NotImplementedError

    def refused(self, error: GatewayError) -> None:
        """There is no replica to be had."""
        raise NotImplementedError

    def stop_waiting(self) -> None:
        """Leaves the queue, if it is in one."""
        if self.replica is None and self in self.pool.waiting:
            self.pool.abandon(self)

    def release(self) -> None:
        """Gives the replica back, if there is one."""
        replica, self.replica = self.replica, None
        if replica is not None:
            replica.pool.release(replica)
