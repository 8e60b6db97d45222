"""The peers' environment: made once, beside ours, from pinned versions."""

import json
import subprocess
import sys
from pathlib import Path

from benchmarks import environments
from benchmarks.learning.measures import Predicted
from benchmarks.learning.tables import Source

PINS = Path(__file__).with_name("peers.txt")
PROGRAM = Path(__file__).with_name("peers.py")
NAMES = ("linear", "random forest", "HistGB", "LightGBM", "FLAML")
LONGEST = 3600.0


def python() -> Path:
    """Return the interpreter of the peers' environment."""
    return environments.python("peers", PINS)


def predict(who: str, source: Source, seconds: float, train: Path, test: Path) -> Predicted:
    """Let a peer learn from one file and predict the other; exit with what it says."""
    asked = [str(python()), str(PROGRAM), who, source.task, source.target, f"{seconds:g}"]
    done = subprocess.run(
        [*asked, str(train), str(test)],
        check=False,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    if done.returncode != 0:
        sys.exit(f"{who} fails on {source.name}:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Predicted(found["labels"], found["predicted"])
