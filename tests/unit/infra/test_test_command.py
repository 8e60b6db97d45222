"""`./mayfly test`: what pytest gets, and how long slow loads are."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.local.cli import mayfly
from infra.local.commands.developing.test import FULL, RECORD, TWO_AT_A_TIME, pytest_arguments
from infra.local.settings import INDEXES, ROOT
from tests.support.lengths import length
from tests.support.side_by_side import ALONE, LATER, OF_ONE_STACK, group, rank


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have taken the place of this process."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, words: found.append(words))
    monkeypatch.delenv(FULL, raising=False)
    monkeypatch.setenv(RECORD, "")  # so that what the command sets is gone afterwards
    monkeypatch.chdir(ROOT)
    return found


def call(*words: str) -> None:
    assert CliRunner().invoke(mayfly, ["test", *words]).exit_code == 0


@pytest.mark.parametrize("words", [("--full", "-x"), ("-x", "--full")])
def test_full_makes_slow_loads_long_and_is_not_pytest_s(started, monkeypatch, words) -> None:
    monkeypatch.setenv(FULL, "")
    call(*words)
    assert length("short", "long") == "long"
    assert "-x" in started[0]
    assert "--full" not in started[0]


def test_without_it_they_are_short(started) -> None:
    call("-x")
    assert length("short", "long") == "short"


def test_indexes_are_recorded_by_the_suites_that_use_the_product(started) -> None:
    call("--record-indexes", "-x")
    assert started[0][-3:] == ["-x", "tests/integration", "tests/e2e"]
    assert not set(TWO_AT_A_TIME) & set(started[0])  # one file takes what all of them record
    assert os.environ[RECORD] == str(INDEXES)


def test_a_path_takes_the_place_of_the_suites_and_needs_no_workers() -> None:
    path = f"{Path(__file__).relative_to(ROOT)}::test_x"
    assert pytest_arguments((path, "-x"))[-2:] == [path, "-x"]
    assert not set(TWO_AT_A_TIME) & set(pytest_arguments((path, "-x")))


def test_without_one_every_suite_runs_two_files_at_a_time() -> None:
    suites = ["tests/unit", "tests/contract", "tests/integration", "tests/e2e"]
    assert pytest_arguments(("-x",))[2:] == [*TWO_AT_A_TIME, "-x", *suites]
    assert pytest_arguments(("-n", "0"))[-6:] == ["-n", "0", *suites]  # the last -n holds


def test_a_worker_takes_a_whole_file_and_one_takes_all_that_run_alone() -> None:
    """A module's fixtures are made once; a measurement has the machine to itself."""
    assert group("tests/unit/web/test_x.py::test_y[a::b@c]") == "tests/unit/web/test_x.py"
    assert len({group(f"{path}::test_y") for path in ALONE}) == 1
    assert all((ROOT / path).exists() for path in (*ALONE, *LATER))  # none that was renamed


def test_quick_ones_come_first_then_long_ones_and_what_measures_at_the_end() -> None:
    suites = ("unit", "contract", "integration/functions", "integration/web")
    assert {rank(f"tests/{suite}/test_x.py::test_y") for suite in suites} == {0}
    later = [rank(f"{path}test_x.py::test_y") for path in LATER]
    assert later == sorted(set(later))
    assert {rank(f"{path}::test_y") for path in ALONE} == {len(LATER) + 1}


def test_what_uses_the_session_s_stack_shares_one_worker() -> None:
    """Else each of both would start one."""
    files = {path: path.read_text() for path in (ROOT / "tests" / "e2e").rglob("test_*.py")}
    users = [
        str(path.relative_to(ROOT))
        for path, text in files.items()
        if re.search(r"def test_\w+\([^)]*\bstack\b", text) and "def stack(" not in text
    ]
    assert sorted(users) == sorted(OF_ONE_STACK)
    assert len({group(f"{path}::test_y") for path in users}) == 1
