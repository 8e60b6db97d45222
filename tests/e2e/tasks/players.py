"""Who plays tasks: somebody on the pages, and somebody in a shell."""

import importlib
import re
import shlex
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from types import ModuleType

import httpx
from playwright.sync_api import Locator, Page

from tests.e2e.tasks.hands import Hand
from tests.e2e.tasks.scripts import Step
from tests.support.processes import wait_until
from tests.support.shell import Shell


def players_of(task: str) -> ModuleType:
    """Return the module of those who play a task."""
    return importlib.import_module(f"tests.e2e.tasks.{task.replace('-', '_')}")


@dataclass
class Desk:
    """What somebody has before them who does a task.

    Attributes:
        client: of the functions, in their name: to make what is there before, and to look.
        folder: their files.
    """

    client: httpx.Client
    folder: Path


@dataclass
class OnPages:
    """A player on the pages, by whichever hand."""

    desk: Desk
    hand: Hand

    def said(self, step: Step) -> list[str]:
        """Return what a step says is pressed."""
        return list(step.buttons)

    def done(self) -> list[str]:
        """Return what was pressed since this was last asked."""
        pressed, self.hand.pressed = self.hand.pressed, []
        return pressed

    def said_now(self, words: str) -> None:
        """Keep what was read, or pressed under a longer name, as the script calls it."""
        self.hand.pressed.append(words)

    @property
    def page(self) -> Page:
        """The tab."""
        return self.hand.page

    def begin(self) -> None:
        """Open the first page, whole: a part that starts as it is asked may come too late."""

        def is_whole() -> bool:
            self.page.goto("/")
            return self.page.get_by_text("cannot be shown").count() == 0

        wait_until(is_whole, what="the first page as a whole")

    def press(
        self, name: str, role: str = "button", within: Locator | None = None, **more: bool
    ) -> None:
        """Press what has this name, or begins with it."""
        place = within or self.page
        named = re.compile(rf"^{re.escape(name)}")
        self.hand.press(place.get_by_role(role, name=named, **more).first, name)  # type: ignore[arg-type]

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Follow a link."""
        self.press(name, "link", within)

    def write(self, label: str, text: str) -> None:
        """Fill a field in."""
        self.hand.write(self.page.get_by_label(label), text)


@dataclass
class InShell:
    """A player who calls commands."""

    desk: Desk
    shell: Shell

    def said(self, step: Step) -> list[str]:
        """Return the commands that a step says are called, up to their options."""
        words = (takewhile(lambda word: word[0] != "-", shlex.split(one)) for one in step.commands)
        return [" ".join(one) for one in words]

    def done(self) -> list[str]:
        """Return what was called since this was last asked."""
        called, self.shell.called = self.shell.called, []
        return called
