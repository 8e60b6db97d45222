"""A job over a table that does not fit keeps within its memory: the command, made smaller."""

import argparse
import json
from pathlib import Path

import pytest

from benchmarks.learning import memory, memory_job

ROWS, COLUMNS, BUDGET = 300_000, 24, 520
FOREST = [{"algorithm": "random_forest", "settings": {"n_estimators": 2, "max_leaf_nodes": 16}}]
# Above the base. With all rows in memory a candidate takes 185 MB.
MOST_OF_CANDIDATE = 140


def test_a_large_table_is_learnt_from_within_the_memory_that_there_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    memory.write(tmp_path / memory_job.TABLE, ROWS, COLUMNS)
    options = argparse.Namespace(budget=BUDGET, folds=2, candidates=json.dumps(FOREST))
    peaks = memory.run(tmp_path, options)
    said = capfd.readouterr().out
    assert "\nsucceeded" in said
    assert "of 240,000 training rows" in said
    assert {"base", "start", "candidates/0", "members/0", "finish"} <= peaks.keys()
    assert max(peaks.values()) <= BUDGET, peaks
    assert peaks["candidates/0"] - peaks["base"] <= MOST_OF_CANDIDATE, peaks
