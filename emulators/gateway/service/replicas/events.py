"""What happens to replicas: told by the fleet, heard by whoever subscribes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, ParamSpec

if TYPE_CHECKING:
    from emulators.gateway.service.replicas.pool import Replica, RevisionPool
    from emulators.gateway.service.runtime import Instance

P = ParamSpec("P")


class Signal(Generic[P]):
    """One kind of event; its subscribers hear of it in the order in which they came."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[P, None]] = []

    def subscribe(self, subscriber: Callable[P, None]) -> None:
        """Tell a subscriber of each event from now on."""
        self._subscribers.append(subscriber)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell every subscriber."""
        for subscriber in self._subscribers:
            subscriber(*args, **kwargs)


class FleetEvents:
    """The events of a fleet.

    Attributes:
        started: A replica is ready: its pool, the seconds that it took, itself.
        joined: A replica is about to get requests.
        changed: Replicas of a pool came or went, or failed to come.
        failed: A pool has no replica, and one did not start: the pool, the reason.
    """

    def __init__(self) -> None:
        self.started: Signal[RevisionPool, float, Instance] = Signal()
        self.joined: Signal[Replica] = Signal()
        self.changed: Signal[RevisionPool] = Signal()
        self.failed: Signal[RevisionPool, str] = Signal()
