"""What a user sees of the stack: a line for each thing that happens."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape

from infra.local.stack.parts import Part
from infra.local.system.disk_space import FULL

WIDTH = 10


class Lines:
    """Reports on a console: lines that stay, and on a terminal one that tells what is awaited."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self._shown = False

    def say(self, text: str) -> None:
        """Print a line."""
        self._print(text, markup=True)

    def plain(self, text: str) -> None:
        """Print a line as it is: a traceback holds brackets."""
        self._print(text, markup=False)

    def _print(self, text: str, *, markup: bool) -> None:
        try:
            self._console.print(text, highlight=False, soft_wrap=True, markup=markup)
        except OSError as error:
            if error.errno not in FULL:  # a full disk must cost lines of a log, not the stack
                raise

    def ready(self, part: Part, seconds: float) -> None:
        """Say that a part is ready."""
        self.step(part.name, part.address, seconds)

    def step(self, name: str, what: str, seconds: float) -> None:
        """Say that something is done, and how long it took."""
        self.say(f"[green]✓[/] {name:<{WIDTH}} {what:<24} [dim]{seconds:6.2f} s[/]")

    def notice(self, name: str, text: str) -> None:
        """Say something about a part that a user should know."""
        self.say(f"[yellow]![/] {name:<{WIDTH}} {escape(text)}")

    def died(self, part: Part, how: str, wait: float) -> None:
        """Say that a part ended and starts again."""
        self.notice(part.name, f"{how}; starting it again in {wait:.1f} s")

    def waiting(self, parts: Iterable[str]) -> None:
        """Show on a terminal what is awaited."""
        if not self._console.is_terminal:
            return
        self._status.update(f"waiting for {', '.join(parts)}")
        if not self._shown:
            self._status.start()
            self._shown = True

    def close(self) -> None:
        """Take away the line that changes."""
        self._status.stop()
        self._shown = False
