"""The examples that are made up are what their READMEs say, each time alike."""

import csv
import io
import subprocess
import sys
from random import Random

import pytest

from examples.__main__ import MAKERS
from examples.cardiac_risk import is_at_risk, patient
from tests.support.processes import ROOT

HEALTHY = {
    "cholesterol": 1.5,
    "blood_pressure": 1.0,
    "glucose": 0.8,
    "age": 40,
    "overweight": 0,
    "smoker": 0,
}


@pytest.mark.parametrize(
    ("changed", "at_risk"),
    [
        ({}, False),
        ({"cholesterol": 2.5}, False),
        ({"cholesterol": 2.5, "blood_pressure": 1.5}, True),
        ({"cholesterol": 2.0, "blood_pressure": 1.5}, False),
        ({"cholesterol": 2.5, "blood_pressure": 1.4}, False),
        ({"glucose": 1.1}, False),
        ({"glucose": 1.1, "age": 51}, True),
        ({"glucose": 1.0, "age": 51}, False),
        ({"glucose": 1.1, "age": 50}, False),
        ({"overweight": 1}, False),
        ({"smoker": 1}, False),
        ({"overweight": 1, "smoker": 1}, True),
    ],
)
def test_the_rule_of_cardiac_risk(changed, at_risk):
    assert is_at_risk(**{**HEALTHY, **changed}) is at_risk


def test_patients_are_within_their_ranges():
    dice = Random(1)
    ranges = {"cholesterol": (1.0, 3.0), "blood_pressure": (0.6, 1.8), "glucose": (0.5, 2.0)}
    ranges |= {"age": (0, 99), "overweight": (0, 1), "smoker": (0, 1), "at_risk": (0, 1)}
    for row in (patient(dice) for _ in range(1000)):
        assert row.keys() == ranges.keys()
        assert all(low <= row[name] <= high for name, (low, high) in ranges.items())


@pytest.mark.parametrize("name", MAKERS)
def test_a_seed_gives_the_same_rows(name):
    rows = [[MAKERS[name](Random(seed)) for _ in range(50)] for seed in (3, 3, 4)]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize("name", MAKERS)
def test_the_command_writes_a_table(name):
    command = [sys.executable, "-m", "examples", name, "--rows", "20"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 20
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("rows", ["0", "-5", "many"])
def test_a_number_of_rows_that_is_none_is_refused(rows):
    command = [sys.executable, "-m", "examples", "rents", "--rows", rows]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"'{rows}' is no number of rows" in done.stderr
