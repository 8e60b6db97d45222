"""Written tasks: numbered steps in Markdown, each of which somebody plays.

A script is `docs/tasks/NAME.md`. A player of it has a method for each step, called as the step's
title is: `**Ask it.**` is `ask_it`. Nothing else of a player's is public.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[3] / "docs" / "tasks"
_STEP = re.compile(r"^(\d+)\. \*\*(.+?)\.\*\* (.+?)(?=^\d+\. \*\*|\Z)", re.MULTILINE | re.DOTALL)
_BUTTON = re.compile(r"“(.+?)”", re.DOTALL)
_COMMAND = re.compile(r"`\./mayfly (.+?)`", re.DOTALL)


class Step(NamedTuple):
    """A step of a task.

    Attributes:
        title: what is to be done.
        buttons: what is pressed on pages, in any order; links are meant, too.
        commands: what is called instead, without `./mayfly`.
    """

    title: str
    buttons: Sequence[str]
    commands: Sequence[str]

    @property
    def method(self) -> str:
        """What plays it."""
        return re.sub(r"\W+", "_", self.title.lower()).strip("_")


def names() -> list[str]:
    """Return the tasks that are written down."""
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")


def steps(name: str) -> list[Step]:
    """Return a task's steps, in order."""
    found = _STEP.findall((FOLDER / f"{name}.md").read_text())
    assert [int(number) for number, _, _ in found] == list(range(1, len(found) + 1)), name
    return [Step(title, _of(_BUTTON, text), _of(_COMMAND, text)) for _, title, text in found]


def methods(player: type) -> set[str]:
    """Return the steps that a player knows."""
    return {name for name in vars(player) if not name.startswith("_")}


def play(name: str, player: Any) -> None:
    """Play a task, step by step; what a step says must be what is done.

    `player.done()` tells what was pressed and called since it was last asked.
    """
    for step in steps(name):
        getattr(player, step.method)()
        said, did = player.said(step), player.done()
        for one in said:
            assert any(_is(one, act) for act in did), (step, one, did)


def _is(said: str, done: str) -> bool:
    """Tell whether it was done as said; numbers, of versions and revisions, may be others."""
    words = re.sub(r"\d+", r"\\d+", re.escape(said))
    return re.fullmatch(rf"{words}( .*)?", done, re.DOTALL) is not None


def _of(pattern: re.Pattern[str], text: str) -> list[str]:
    return [" ".join(one.split()) for one in pattern.findall(text)]
