"""The clock and the disk of a fault run, for real: set and filled, and as they were again."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults import clock, disk
from tests.support import tools

CLOCK = """
import datetime, queue, sys, threading, time

def waited(wait):
    began = time.monotonic()
    wait()
    return time.monotonic() - began

def ends():
    try:
        queue.Queue().get(timeout=0.2)
    except queue.Empty:
        pass

for line in sys.stdin:
    event = threading.Event()
    waits = map(waited, [lambda: time.sleep(0.2), ends, lambda: event.wait(0.2)])
    print(time.time(), datetime.datetime.now().timestamp(), time.monotonic(), *waits, flush=True)
"""
HOUR = 3600


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_clock_steps_while_its_process_runs(tmp_path: Path, step: int) -> None:
    if why := clock.missing():
        tools.lacking(why)
    file = tmp_path / "clock"
    env = {**os.environ, **clock.environment(file)}
    process = subprocess.Popen(
        [sys.executable, "-c", CLOCK], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        before = seen(process)
        clock.step(file, step)
        wrong = seen(process)
        clock.step(file, 0)
        after = seen(process)
        process.stdin.close()
    for moment, other in ((wrong, before), (after, wrong)):
        assert moment[2] > other[2]  # monotonic
        assert all(0.19 < wait < 20 for wait in moment[3:])
    for wall in (0, 1):
        elapsed = wrong[2] - before[2]
        assert wrong[wall] - before[wall] == pytest.approx(step + elapsed, abs=1)
        assert after[wall] - before[wall] == pytest.approx(after[2] - before[2], abs=1)


def seen(process: subprocess.Popen[bytes]) -> list[float]:
    """Return wall time twice, monotonic time, and how long three waits took."""
    process.stdin.write(b"\n")
    process.stdin.flush()
    return [float(word) for word in process.stdout.readline().split()]


def test_a_disk_is_full_until_it_is_freed(tmp_path: Path) -> None:
    tools.root()
    if why := disk.missing():
        tools.lacking(why)
    with disk.mounted(tmp_path):
        (tmp_path / "before").write_bytes(b"x" * 100_000)
        disk.fill(tmp_path)
        with pytest.raises(OSError, match="No space left") as full:
            (tmp_path / "more").write_bytes(b"x" * 100_000)
        assert full.value.errno == errno.ENOSPC
        disk.free(tmp_path)
        (tmp_path / "more").write_bytes(b"x" * 100_000)
        assert len((tmp_path / "before").read_bytes()) == 100_000
    assert list(tmp_path.iterdir()) == []
