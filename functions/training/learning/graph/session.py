"""Run an ONNX file over many rows, a part at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.signature import SPREAD, VALUE

# Rows at once: what a graph holds between its nodes is in memory for so many alone.
CHUNK = 8_192


def parts(inputs: Inputs) -> Iterator[tuple[slice, Inputs]]:
    """Yield the rows of `inputs` in parts, each with its place."""
    rows = len(next(iter(inputs.values())))
    for begin in range(0, rows, CHUNK):
        place = slice(begin, begin + CHUNK)
        yield place, {name: values[place] for name, values in inputs.items()}


def run(session: ort.InferenceSession, inputs: Inputs, output: str | None = None) -> NDArray[Any]:
    """Return what an output, by default the session's first, says of all rows: [rows, columns]."""
    names = [output or session.get_outputs()[0].name]
    found = [session.run(names, part)[0] for _, part in parts(inputs)]
    return np.concatenate(found)


def answers(session: ort.InferenceSession, inputs: Inputs) -> NDArray[Any]:
    """Return a model's probabilities [rows, labels], or its numbers [rows]."""
    found = run(session, inputs)
    return found[:, 0] if session.get_outputs()[0].name == VALUE else found


def spreads(session: ort.InferenceSession, inputs: Inputs) -> NDArray[np.float64]:
    """Return how far off each answer may be, [rows], of a model that tells it."""
    return run(session, inputs, SPREAD)[:, 0]
