"""docs/scale.md is what the command makes of what is recorded."""

import sys

import pytest

from benchmarks.capacity import __main__ as command
from benchmarks.capacity import inputs
from benchmarks.capacity.__main__ import CHART, PAGE
from benchmarks.words import dollars, figure, milliseconds, share, table


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command with arguments; give what it prints."""

    def with_arguments(*arguments):
        monkeypatch.setattr(sys, "argv", ["capacity", *map(str, arguments)])
        command.main()
        return capsys.readouterr().out

    return with_arguments


def test_the_page_is_what_the_command_makes(run, tmp_path):
    run("page", "--to", tmp_path / "scale.md")

    assert (tmp_path / "scale.md").read_text() == PAGE.read_text()
    assert (tmp_path / CHART).read_text() == (PAGE.parent / CHART).read_text()


def test_one_load_is_asked_for_by_ones_own_rules(run, tmp_path):
    mine = tmp_path / "mine.toml"
    rules = inputs.PLATFORMS.read_text().replace("processor = 0.6", "processor = 0.1")
    mine.write_text(rules)

    few = run("ask", "knative-sized", "--rate", 3000)
    many = run("--platforms", mine, "ask", "knative-sized", "--rate", 3000)

    numbers = [float(one.partition(" ")[0].replace(",", "")) for one in (few, many)]
    assert numbers[1] > 3 * numbers[0]


@pytest.mark.parametrize(
    ("text", "other", "told"),
    [
        ('rule = "alert"', 'rule = "arcane"', r"Invalid enum value 'arcane' - at `\$\.platform"),
        ("firestore_write =", "firestore_wrote =", "unknown field `firestore_wrote` - at `.*parts"),
        ("vcpu = 1\n", "vcpu = 0\n", "Expected `float` > 0"),
        ("[parts]", "[parts", r"line \d+"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(tmp_path, text, other, told):
    broken = tmp_path / "broken.toml"
    broken.write_text(inputs.PLATFORMS.read_text().replace(text, other, 1))

    with pytest.raises(SystemExit, match=rf"broken\.toml: .*{told}"):
        inputs.read_platforms(broken)


def test_figures_that_are_not_there_are_told_with_the_remedy(tmp_path):
    with pytest.raises(SystemExit, match=r"none\.json: No such file .* by its option"):
        inputs.read_figures(tmp_path / "none.json")


def test_a_platform_that_is_not_there_is_told_with_those_that_are(run):
    with pytest.raises(SystemExit, match="no platform 'mainframe': knative, "):
        run("ask", "mainframe", "--rate", 1)


def test_figures_have_three_digits():
    assert [figure(value) for value in (0, 0.01234, 1.0, 12.345, 1234.5, 999_999)] == [
        *("0", "0.0123", "1.00", "12.3", "1,230", "1,000,000"),
    ]
    assert milliseconds(0.0123) == "12.3 ms"
    assert milliseconds(12.34) == "12.3 s"
    assert share(0.1234) == "12.3 %"
    assert (dollars(1.234), dollars(1234)) == ("1.23", "1,230")
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
