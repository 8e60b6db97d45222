"""What programs printed, with the day: one file, beside this module."""

import datetime as dt
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from benchmarks.figures.chosen import FIGURES, Figure
from benchmarks.stack import ROOT

FILE = Path(__file__).with_name("recorded.json")
README = ROOT / "README.md"
BEGIN, END = "<!-- figures: python -m benchmarks.figures -->\n", "<!-- /figures -->"
_BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.DOTALL)


class Record(msgspec.Struct, frozen=True):
    """What one program printed.

    Attributes:
        at: the day, ISO 8601.
        revision: the commit that was measured.
        cores: of the machine.
        said: the lines.
    """

    at: str
    revision: str
    cores: int
    said: list[str]


Records = Mapping[str, Record]


def recorded(file: Path = FILE) -> dict[str, Record]:
    """Return what was recorded, by the figure's name."""
    return msgspec.json.decode(file.read_bytes(), type=dict[str, Record])


def take(figure: Figure) -> Record:
    """Run a figure's program, which takes a minute or two; return what it printed.

    Raises:
        ValueError: the figure is not in it.
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", *shlex.split(figure.command)]
    printed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    # Logs are lines of JSON.
    said = [line for line in printed.stdout.splitlines() if not line.startswith("{")]
    figure.read("\n".join(said))
    git = ["git", "rev-parse", "--short=8", "HEAD"]
    revision = subprocess.run(git, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return Record(today, revision.stdout.strip(), os.cpu_count() or 1, said)


def write(records: Records, file: Path = FILE) -> None:
    """Record."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(records), indent=1) + b"\n")


def table(records: Records) -> str:
    """Return all that is recorded as a table in Markdown, in the order of FIGURES."""
    lines = ["| what | measured | command | on |", "|---|---|---|---|"]
    for figure in FIGURES:
        record = records[figure.name]
        cell = figure.read("\n".join(record.said))
        on = f"{record.at}, {record.cores} cores"
        lines.append(f"| {figure.what} | {cell} | `python -m {figure.command}` | {on} |")
    return "\n".join(lines) + "\n"


def with_table(text: str, records: Records) -> str:
    """Return a page with the table between its marks.

    Raises:
        ValueError: it has no marks, or has them twice.
    """
    if len(_BETWEEN.findall(text)) != 1:
        raise ValueError(f"The page must have {BEGIN.strip()} and {END} once.")
    made = table(records)
    return _BETWEEN.sub(lambda _: made, text)
