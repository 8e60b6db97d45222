"""docs/scale.md is what the command makes of what is recorded."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.capacity import inputs
from benchmarks.capacity.__main__ import CHART, PAGE
from benchmarks.words import dollars, figure, milliseconds, share, table

ROOT = Path(__file__).parents[3]


def run(*arguments):
    command = [sys.executable, "-m", "benchmarks.capacity", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_page_is_what_the_command_makes(tmp_path):
    made = run("page", "--to", tmp_path / "scale.md")

    assert made.returncode == 0, made.stderr
    assert (tmp_path / "scale.md").read_text() == PAGE.read_text()
    assert (tmp_path / CHART).read_text() == (PAGE.parent / CHART).read_text()


def test_one_load_is_asked_for_by_ones_own_rules(tmp_path):
    mine = tmp_path / "mine.toml"
    rules = inputs.PLATFORMS.read_text().replace("processor = 0.6", "processor = 0.1")
    mine.write_text(rules)

    few = run("ask", "knative-sized", "--rate", 3000)
    many = run("--platforms", mine, "ask", "knative-sized", "--rate", 3000)

    numbers = [float(one.stdout.partition(" ")[0].replace(",", "")) for one in (few, many)]
    assert numbers[1] > 3 * numbers[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('rule = "alert"', "Invalid enum value 'arcane' - at `$.platform[...].rule`"),
        ("[parts]", "Expected `object`"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(tmp_path, text, told):
    broken = tmp_path / "broken.toml"
    other = 'rule = "arcane"' if "rule" in text else "parts = 1\n[other]"
    broken.write_text(inputs.PLATFORMS.read_text().replace(text, other, 1))

    answer = run("--platforms", broken, "ask", "knative", "--rate", 1)

    assert answer.returncode == 1
    assert str(broken) in answer.stderr


def test_a_platform_that_is_not_there_is_told_with_those_that_are():
    answer = run("ask", "mainframe", "--rate", 1)

    assert answer.returncode == 1
    assert "no platform 'mainframe': knative, " in answer.stderr


def test_figures_have_three_digits():
    assert [figure(value) for value in (0, 0.01234, 1.0, 12.345, 1234.5, 999_999)] == [
        *("0", "0.0123", "1.00", "12.3", "1,230", "1,000,000"),
    ]
    assert milliseconds(0.0123) == "12.3 ms"
    assert milliseconds(12.34) == "12.3 s"
    assert share(0.1234) == "12.3 %"
    assert (dollars(1.234), dollars(1234)) == ("1.23", "1,230")
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
