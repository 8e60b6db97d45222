"""Replicas that were ready and are not any more: they get no calls until they are again."""

import structlog

from emulators.gateway.model.probes import Probe
from emulators.gateway.service.replicas.events import FleetEvents
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.service.replicas.questions import Ask, Question, ended_within
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()

# Knative asks once a second where no period is said, and for ten seconds until that counts.
_PERIOD, _FAILURES = 1.0, 10


class Availability:
    """Asks each replica whose revision declares a readiness probe, for as long as it lives.

    Args:
        events: Tell of replicas.
        ask: Asks once.
    """

    def __init__(self, events: FleetEvents, ask: Ask) -> None:
        self._ask = ask
        self._tasks = Tasks()
        events.joined.subscribe(self._begin)

    def close(self) -> None:
        """Ask none any more."""
        self._tasks.cancel()

    def _begin(self, replica: Replica) -> None:
        probe = replica.pool.revision.probes.readiness
        if probe is not None and replica.instance.pid:  # what runs elsewhere is seen to there
            self._tasks.spawn(self._watch(replica, probe))

    async def _watch(self, replica: Replica, probe: Probe) -> None:
        question = Question(self._ask, replica, probe)
        period, failures = (probe.period, probe.failures) if probe.period else (_PERIOD, _FAILURES)
        in_a_row = 0  # answers that speak against what it counts as
        try:
            while not await ended_within(replica.instance, period):
                why = await question.put()
                if why is None:
                    continue
                in_a_row = in_a_row + 1 if bool(why) != replica.unready else 0
                if in_a_row >= (probe.successes if replica.unready else failures):
                    self._turn(replica, why)
                    in_a_row = 0
        finally:
            question.drop()

    def _turn(self, replica: Replica, why: str) -> None:
        name = replica.instance.id
        if why:
            replica.unready = True
            log.warning("replica is not ready any more; calls go to others", replica=name, why=why)
        else:
            replica.pool.ready_again(replica)
            log.info("replica is ready again", replica=name)
