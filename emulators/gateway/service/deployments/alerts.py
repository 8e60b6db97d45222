"""Scales functions as the Community Edition does: by an alert on their rate of answers."""

import asyncio
import time
from collections.abc import Callable

from emulators.gateway.model.alerts import HighInvocationRate
from emulators.gateway.service.deployments.plane import Plane

_LOOK_SECONDS = 1.0


class Alerts:
    """Does what Prometheus and Alertmanager do beside the real gateway.

    Args:
        plane: The functions.
        answered: How many calls of a function (its label) were answered with 200 so far.
    """

    def __init__(self, plane: Plane, answered: Callable[[str], int]) -> None:
        self._plane = plane
        self._answered = answered
        self._alerts: dict[str, HighInvocationRate] = {}

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """Look once at every function that is scaled so."""
        watched = {f.label: f for f in self._plane.functions.values() if f.serving.community}
        self._alerts = {x: self._alerts.get(x) or HighInvocationRate() for x in watched}
        for label, function in watched.items():
            told = self._alerts[label].look(now, self._answered(label))
            if told is not None:
                self._plane.scale_by_alert(function, told)
