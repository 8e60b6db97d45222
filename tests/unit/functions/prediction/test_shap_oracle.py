"""`shap`, asked about the same files and the same background rows, explains alike."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from functions.kit.contract.models.background import players
from tests.support.models.explained import ANN, BOB, PEOPLE, Explained, by_column, numbers, wide
from tests.support.models.onnx import Exported, train
from tests.support.oracles.installed import packages
from tests.support.processes import ROOT

PINS = ROOT / "tests" / "support" / "oracles" / "shap.txt"


class Case(NamedTuple):
    exported: Exported
    background: Sequence[dict[str, Any]]
    records: Sequence[dict[str, Any]]


CASES = {
    "classes of numbers and words": Case(
        train("multiclass"), PEOPLE, [ANN, BOB, ANN | {"age": None}]
    ),
    "a regression of ten columns": Case(wide(10), numbers(10, 4), numbers(10, 2, seed=5)),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give what shap says of each case, by one process: it is slow to begin."""
    found = packages(PINS)
    folders = {name: tmp_path_factory.mktemp("shap") for name in CASES}
    for name, folder in folders.items():
        _write(folder, CASES[name])
    env = os.environ | {"PYTHONPATH": f"{found}{os.pathsep}{ROOT}"}
    command = [
        sys.executable,
        "-m",
        "tests.support.oracles.shap_values",
        *map(str, folders.values()),
    ]
    done = subprocess.run(
        command, check=False, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return {name: json.loads((one / "shap.json").read_text()) for name, one in folders.items()}


def _write(folder: Path, case: Case) -> None:
    background = Explained(case.exported, case.background).background
    (folder / "model.onnx").write_bytes(case.exported.data)
    (folder / "signature.json").write_bytes(msgspec.json.encode(case.exported.signature))
    (folder / "background.npz").write_bytes(background.to_bytes())
    (folder / "records.json").write_text(json.dumps(case.records))


@pytest.mark.parametrize("name", CASES)
def test_shap_says_the_same(told: dict[str, Any], name: str) -> None:
    case = CASES[name]
    labels, columns = case.exported.signature.labels, [*players(case.exported.signature)]
    found = Explained(case.exported, case.background).explain(*case.records)
    assert len(found) == len(told[name]["values"])
    for one, values in zip(found, np.array(told[name]["values"]), strict=True):
        place = labels.index(str(one.label)) if labels else 0
        wanted = values.reshape(len(columns), -1)[:, place]
        assert one.exact
        assert one.base == pytest.approx(told[name]["base"][place], abs=1e-6)
        assert by_column(one) == pytest.approx(dict(zip(columns, wanted, strict=True)), abs=1e-5)
