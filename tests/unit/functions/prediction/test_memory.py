"""What an opened session is said to take, beside what the process grows by."""

import subprocess
import sys

import pytest

from functions.prediction.adapters import memory
from tests.support.processes import ROOT

GROWTH = """
import os
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.tree import DecisionTreeRegressor

from functions.kit.contract.models.onnx import open_session
from functions.prediction.adapters import memory


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


draw = np.random.default_rng(1)
table = draw.normal(size=(20_000, 4)).astype(np.float32)
tree = DecisionTreeRegressor().fit(table, draw.normal(size=20_000))
file = to_onnx(tree, table[:1]).SerializeToString()
open_session(file)  # the first takes what all share
begun, held = resident(), []
for _ in range(8):
    before = memory.allocated()
    session = open_session(file)
    held.append((session, memory.taken(len(file), before)))
print(sum(size for _, size in held) / (resident() - begun), held[-1][1] / len(file))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of others does not say")
def test_what_sessions_are_said_to_take_is_what_the_process_grows_by() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], cwd=ROOT, check=True, capture_output=True, text=True
    )
    of_growth, of_file = map(float, done.stdout.split())
    assert 0.7 < of_growth < 1.5
    assert of_file > 2  # so the file alone would say too little


def test_what_others_take_meanwhile_counts_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    file = 1000
    least = memory.LEAST + memory.LEAST_TIMES * file
    most = memory.MOST + memory.MOST_TIMES * file
    for now, said in ((10**9, most), (least + 5, least + 5), (0, least)):
        monkeypatch.setattr(memory, "allocated", lambda now=now: now)
        assert memory.taken(file, 0) == said
    assert memory.taken(file, None) == most
