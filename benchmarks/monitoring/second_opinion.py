"""What NannyML estimates of the same windows."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import environments
from benchmarks.monitoring.learnt_worlds import LearntWorld

HERE = Path(__file__).parent
PINS, PROGRAM = HERE / "nannyml.txt", HERE / "cbpe.py"


def accuracies(
    learnt: LearntWorld,
    random: np.random.Generator,
    known: int,
    windows: Sequence[NDArray[np.int64]],
) -> list[float]:
    """Return the accuracy that it estimates of each window.

    Args:
        learnt: the model.
        random: draws labels.
        known: of how many rows, that the model never saw, it is told the labels: as many as
            training keeps its own estimate by.
        windows: the places of each one's rows; all have as many.
    """
    shares = learnt.rows.predicted.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    places = random.choice(len(shares), known, replace=False)
    truth = learnt.truth(random, learnt.chances[places])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "in.npz"
        asked = np.stack([shares[one] for one in windows])
        np.savez(file, truth=truth, known=shares[places], asked=asked)
        python = str(environments.python("nannyml", PINS))
        done = subprocess.run([python, PROGRAM, file], check=True, capture_output=True, text=True)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found
