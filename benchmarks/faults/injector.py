"""Does to a stack what the plan says, and takes it back in time."""

import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.faults import clock, disk, victims
from benchmarks.faults.plan import PARTS, Fault
from benchmarks.stack import Stack
from infra.local.system.processes import Identity, send

# For this long a victim is waited for that is not there: a part restarts, a function sleeps.
FINDING = 3.0
_LOOK_EVERY = 0.02


class Injector:
    """The faults of one stack.

    Args:
        stack: whose processes are hit, no others.
        clock_file: what sets their clock.
        say: told of each fault as it happens.
    """

    def __init__(self, stack: Stack, clock_file: Path, say: Callable[[str], None]) -> None:
        self._stack = stack
        self._clock_file = clock_file
        self._say = say
        self._taking_back: list[threading.Timer] = []

    def run(self, faults: Iterable[Fault]) -> None:
        """Let them happen in their time; return when all are taken back."""
        began = time.monotonic()
        try:
            for fault in faults:
                time.sleep(max(0.0, began + fault.at - time.monotonic()))
                self._say(f"{fault}{self._happen(fault)}")
        finally:
            for timer in self._taking_back:
                timer.join()

    def _happen(self, fault: Fault) -> str:
        """Do it; return what is to be added to its description."""
        match fault.kind:
            case "disk":
                disk.fill(self._stack.home)
                self._later(fault, lambda: disk.free(self._stack.home))
            case "clock":
                clock.step(self._clock_file, fault.step)
                self._later(fault, lambda: clock.step(self._clock_file, 0))
            case _:
                return self._hit(fault)
        return ""

    def _hit(self, fault: Fault) -> str:
        found = self._find(fault.victim)
        if found is None:
            return " (none runs)"
        if fault.kind == "kill":
            send([found], signal.SIGKILL)
        else:
            send([found], signal.SIGSTOP)
            self._later(fault, lambda: send([found], signal.SIGCONT))
        return f" (process {found.pid})"

    def _later(self, fault: Fault, take_back: Callable[[], None]) -> None:
        timer = threading.Timer(fault.lasts, take_back)
        timer.start()
        self._taking_back.append(timer)

    def _find(self, victim: str) -> Identity | None:
        deadline = time.monotonic() + FINDING
        while (found := self._look(victim)) is None and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)
        return found

    def _look(self, victim: str) -> Identity | None:
        home = self._stack.home
        if victim in PARTS:
            return victims.part(home, victim)
        gateway = victims.part(home, "gateway")
        found = [] if gateway is None else victims.replicas(gateway.pid, victim)
        return found[0] if found else None
