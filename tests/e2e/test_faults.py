"""Faults of every part under a mixed load: what was acknowledged is kept, and nothing hangs."""

import subprocess
import sys

import pytest

from benchmarks.faults.run import LOADS
from tests.support.lengths import length
from tests.support.processes import ROOT

pytestmark = pytest.mark.slow

LONGEST = 900  # seconds; a run stops by itself long before


def faults(*options):
    """Run the program as its user would; return its exit code and what it printed."""
    command = [sys.executable, "-m", "benchmarks.faults", *options]
    done = subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=LONGEST
    )
    return done.returncode, done.stdout + done.stderr


def test_nothing_acknowledged_is_lost_and_nothing_hangs():
    options = length(
        ["--seconds", "15", "--kills", "6", "--kinds", "kill,stop", "--seed", "7"],
        ["--seconds", "300", "--kills", "70"],
    )
    code, told = faults(*options)
    assert code == 0, told
    for load in (load.name for load in LOADS):
        [line] = [line for line in told.splitlines() if line.startswith(f"{load}  ")]
        acknowledged, *flaws = line.removeprefix(load).split()
        assert int(acknowledged) > 0
        assert flaws == ["0", "0", "0", "0"], told
