"""One run: a stack of its own, the loads, the faults among them, and the audit."""

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from benchmarks.faults import clock, disk
from benchmarks.faults.caller import PATIENCE, HungError
from benchmarks.faults.injector import Injector
from benchmarks.faults.loads.calls import Calls
from benchmarks.faults.loads.edits import Edits
from benchmarks.faults.loads.imports import Imports
from benchmarks.faults.loads.load import Load
from benchmarks.faults.loads.many import ManyRecords
from benchmarks.faults.loads.pages import Pages
from benchmarks.faults.loads.predictions import Predictions
from benchmarks.faults.loads.trainings import Trainings
from benchmarks.faults.plan import Fault, Kind
from benchmarks.faults.tally import Tally
from benchmarks.stack import Stack

LOADS = (Edits, ManyRecords, Imports, Trainings, Calls, Predictions, Pages)
_LOOK_EVERY = 0.2

Say = Callable[[str], None]


def run(
    faults: Sequence[Fault], seconds: float, seed: int, say: Say, logs: Path | None = None
) -> list[Tally]:
    """Load a stack for some seconds while the faults happen; return every load's audit.

    Args:
        faults: in the order of time.
        seconds: of load.
        seed: of what the loads draw.
        say: told of what happens.
        logs: a folder that gets the stack's logs.
    """
    kinds = {fault.kind for fault in faults}
    with _stack(kinds, logs) as (stack, folder):
        loads = [load(stack, folder, seed) for load in LOADS]
        for load in loads:
            load.prepare()
        say(f"{len(loads)} loads for {seconds:.0f} s, {len(faults)} faults:")
        injector = Injector(stack, folder / "clock", say)
        with _working(loads) as over:
            began = time.monotonic()
            injector.run(faults)
            over.wait(max(0.0, began + seconds - time.monotonic()))
        recovery = Tally("recovery", acknowledged=1)
        _recover(stack, recovery)
        say("audit:")
        return [*(_audited(load) for load in loads), recovery]


@contextlib.contextmanager
def _stack(kinds: set[Kind], logs: Path | None) -> Iterator[tuple[Stack, Path]]:
    """Run a stack that can suffer these faults; yield it and a folder beside its home."""
    with contextlib.ExitStack() as ending:
        name = ending.enter_context(tempfile.TemporaryDirectory(prefix="mayfly-faults-"))
        folder, home = Path(name), Path(name) / "home"
        home.mkdir(mode=0o700)
        if "disk" in kinds:
            ending.enter_context(disk.mounted(home))
        extra = clock.environment(folder / "clock") if "clock" in kinds else {}
        stack = Stack(home, extra=extra)
        if logs is not None:
            ending.callback(_keep_logs, home, logs)
        ending.callback(stack.down)
        stack.up()
        yield stack, folder


def _keep_logs(home: Path, logs: Path) -> None:
    for folder in (home / "logs", home / "data" / "gateway" / "logs"):
        shutil.copytree(folder, logs, dirs_exist_ok=True)


@contextlib.contextmanager
def _working(loads: Sequence[Load]) -> Iterator[threading.Event]:
    """Let every load work until the block ends; then wait for what they are at."""
    over = threading.Event()
    with ThreadPoolExecutor(sum(load.workers for load in loads)) as pool:
        working: list[Future[None]] = [
            pool.submit(load.run, worker, over) for load in loads for worker in range(load.workers)
        ]
        try:
            yield over
        finally:
            over.set()
    for done in working:
        done.result()  # a fault of the load itself


def _recover(stack: Stack, tally: Tally) -> None:
    """Wait until every part is ready again."""
    began = time.monotonic()
    while not (parts := stack.status()) or not all(part["ready"] for part in parts.values()):
        if time.monotonic() > began + PATIENCE:
            away = [name for name in parts if not parts[name]["ready"]] or ["the launcher"]
            tally.blame("hung", f"{', '.join(away)}: not ready {PATIENCE:.0f} s after the faults")
            return
        time.sleep(_LOOK_EVERY)
    tally.notes.append(f"every part ready {time.monotonic() - began:.1f} s after the load")


def _audited(load: Load) -> Tally:
    load.end = time.monotonic() + PATIENCE
    try:
        load.audit()
    except HungError as error:
        load.tally.blame("hung", str(error))
    return load.tally
