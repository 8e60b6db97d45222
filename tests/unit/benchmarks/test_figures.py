"""The README's figures are what was recorded, by a command that there is, and nothing by hand."""

import datetime as dt
import re

import pytest

from benchmarks.figures.chosen import FIGURES, Figure
from benchmarks.figures.record import BEGIN, END, README, Record, recorded, table, with_table
from benchmarks.stack import ROOT


def test_the_readme_has_the_table_that_the_command_makes() -> None:
    text = README.read_text()
    assert with_table(text, recorded()) == text
    assert table(recorded()) in text


def test_each_figure_is_recorded_with_its_day_and_none_besides() -> None:
    records = recorded()
    assert list(records) == [figure.name for figure in FIGURES]
    today = dt.datetime.now(dt.UTC).date()
    for figure in FIGURES:
        record = records[figure.name]
        assert dt.date(2026, 1, 1) < dt.date.fromisoformat(record.at) <= today
        assert re.fullmatch("[0-9a-f]{8}", record.revision)
        assert re.search(r"\d", figure.read("\n".join(record.said)))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_each_command_is_there(figure: Figure) -> None:
    place = ROOT / figure.command.split()[0].replace(".", "/")
    assert place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_what_was_not_printed_is_named() -> None:
    figure = Figure("speed", "", "benchmarks.speed", r"(?P<rate>\d+)/s", "{rate} a second")
    assert figure.read("so: 12/s") == "12 a second"
    with pytest.raises(ValueError, match=r"speed: benchmarks\.speed did not print"):
        figure.read("nothing")


@pytest.mark.parametrize("text", ["no marks", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_page_without_its_marks_is_refused(text: str) -> None:
    said = {figure.name: recorded()[figure.name] for figure in FIGURES}
    assert isinstance(said["cold"], Record)
    with pytest.raises(ValueError, match="once"):
        with_table(text, said)
