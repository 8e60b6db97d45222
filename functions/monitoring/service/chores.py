"""What is to be done now and then, whether or not anything is predicted."""

from collections.abc import Sequence
from typing import Any

import structlog

from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Clock
from functions.kit.service.latecomers import Latecomers
from functions.kit.service.lookout import Lookout
from functions.kit.service.upkeep import Upkeep
from functions.monitoring.service.labelling import Labelling

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two looks of this replica: anybody may ask for one."""


class Chores:
    """Takes in what was put aside, settles labels that wait, looks after files and lost steps.

    Each of these knows itself when it was done last.

    Args:
        latecomers: takes in what was put aside.
        labelling: settles labels.
        upkeeps: look after files.
        lookout: looks after steps that the queue has lost, or whose time has come.
        clock: tells when this replica looked last.
    """

    def __init__(
        self,
        latecomers: Latecomers[Any],
        labelling: Labelling,
        upkeeps: Sequence[Upkeep[Any]],
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._latecomers = latecomers
        self._labelling = labelling
        self._upkeeps = upkeeps
        self._lookout = lookout
        self._clock = clock
        self._looked = -EVERY

    def look(self) -> None:
        """Do what is to be done, unless this replica has just looked; never fails."""
        now = self._clock.monotonic()
        if now - self._looked < EVERY:
            return
        self._looked = now
        self._latecomers.look()
        self._labelling.settle()
        for upkeep in self._upkeeps:
            upkeep.look()
        try:
            self._lookout.look()
        except Transient as error:
            log.warning("lost steps not looked for", error=str(error))
