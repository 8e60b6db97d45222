"""Runs Locust, in its own environment, against a Mayfly that runs."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks import environments
from benchmarks.stack import ROOT

HERE = Path(__file__).parent
LOCUSTFILE = HERE / "locustfile.py"
PINS = HERE / "locust.txt"
LONGEST = 600.0  # seconds beyond those of the load: for a table, a model, and the last answers
STOPPING = 30  # seconds that what is under way has in the end


class Target(NamedTuple):
    """Whom the load is for.

    Attributes:
        url: The gateway's.
        key: An API key, or a session's token, that may read, write and predict.
        sign_in: A link that signs in at the pages, good once.
    """

    url: str
    key: str
    sign_in: str


def python() -> Path:
    """Return the interpreter of Locust's environment, made where it is missing."""
    return environments.python("load", PINS)


def load(target: Target, shape: str, users: int, seconds: int, prefix: Path) -> str:
    """Load it for some seconds; return what Locust said. Failed requests are in what it wrote.

    Args:
        target: Whom.
        shape: Of the load over time, see `shapes`.
        users: At the most.
        seconds: For how long.
        prefix: Of the files that are written: its CSV files, and `PREFIX.html`.
    """
    own = {"MAYFLY_URL": target.url, "MAYFLY_KEY": target.key, "MAYFLY_SIGN_IN": target.sign_in}
    command = [str(python()), "-m", "locust", "-f", str(LOCUSTFILE), "--headless"]
    command += ["--shape", shape, "-u", str(users), "-r", str(users), "-t", f"{seconds}s"]
    command += ["--csv", str(prefix), "--csv-full-history"]  # else latencies are since the start
    command += ["--html", f"{prefix}.html", "--only-summary"]
    command += ["--stop-timeout", str(STOPPING), "--exit-code-on-error", "0"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds + LONGEST,
    )
    if done.returncode != 0:
        raise SystemExit(f"Locust ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr
