"""Whether a machine was quiet enough for a ratio of times to say something."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MOST_LOAD = 0.5
"""Of the load average of a minute, for each core, before anything of ours runs."""
MOST_SPREAD = 1.5
"""Of the constant server's rounds: how much slower the tenth slowest of a hundred may be."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What others did on this machine when a measurement began.

    Attributes:
        load: The load average of the last minute.
        cores: How many there are.
    """

    load: float
    cores: int

    @property
    def is_quiet(self) -> bool:
        """Whether little else ran."""
        return self.load <= MOST_LOAD * self.cores

    def __str__(self) -> str:
        """Return it in words."""
        return f"load {self.load:.2f} on {self.cores} cores before"


def look() -> Machine:
    """Return what others do now."""
    return Machine(os.getloadavg()[0], os.cpu_count() or 1)


def spread(times: Sequence[float]) -> float:
    """Return how much slower than the median the ninth of ten rounds is."""
    if len(times) < 2:
        return 1.0
    return statistics.quantiles(times, n=10)[-1] / statistics.median(times)


def disturbances(machine: Machine, spreads: dict[str, float]) -> list[str]:
    """Return what keeps a run from counting; none on a quiet machine.

    Args:
        machine: As it was before.
        spreads: Of the constant server's rounds, by the name of the work.
    """
    found = [] if machine.is_quiet else [str(machine)]
    return found + [
        f"{name}: one constant round in ten took {worst:.1f} times the median"
        for name, worst in spreads.items()
        if worst > MOST_SPREAD
    ]
