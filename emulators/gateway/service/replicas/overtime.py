"""Replicas with a call that runs over its time: what it holds would be lost to everybody else.

A thread cannot be ended. So the connection of such a call stays open for a moment: the replica
that answers on it, or closes it, has ended the call. One that does not gets no more calls, finishes
what it holds besides, and is killed; at once if each of its threads is lost. Calls whose caller has
gone have no connection any more: of those the replica itself tells how long they take.
"""

import asyncio

from emulators.gateway.service.replicas.deaths import Fate
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.pool import Replica

_FATE = Fate("overtime", "went on with a call whose time was over, and was killed")


class Overtime:
    """Ends replicas whose calls do not end.

    Args:
        fleet: What ends them.
        grace: Seconds that a call has after its time.
    """

    def __init__(self, fleet: Fleet, grace: float) -> None:
        self._fleet = fleet
        self._grace = grace

    def begin(self, replica: Replica, connection: object) -> None:
        """Note that a call ran over its time.

        Args:
            replica: Who works on it.
            connection: Its connection, among the replica's while that goes on.
        """
        asyncio.get_running_loop().call_later(self._grace, self._judge, replica, connection)

    def _judge(self, replica: Replica, connection: object) -> None:
        if connection in replica.connections:
            replica.lost += 1
            self._replace(replica)

    def look(self, replica: Replica) -> None:
        """Look at what a replica said that it works on."""
        limit = replica.pool.revision.timeout + self._grace
        late = sum(seconds > limit for seconds in replica.instance.running)
        if late:
            replica.lost = max(replica.lost, late)
            self._replace(replica)

    def _replace(self, replica: Replica) -> None:
        ours = bool(replica.instance.pid)  # what runs elsewhere is not ours to replace
        if ours and not replica.instance.exited.done():
            hopeless = 0 < replica.instance.threads <= replica.lost
            self._fleet.condemn(replica, _FATE, at_once=hopeless)
