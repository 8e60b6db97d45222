"""How far something has come: a bar on a terminal, a line now and then elsewhere; on stderr."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

STEP = 0.1  # of the whole, between two lines


class Meter:
    """Tells of one piece of work.

    Args:
        console: where it is told; the standard error without one, as the standard output is the
            answer's.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._said, self._share = "", 0.0

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[count]}", markup=False),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=None, count="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, said: str, done: float = 0, total: float | None = None, count: str = "") -> None:
        """Tell how far it is.

        Args:
            said: what is being done.
            done: of `total`.
            total: all there is; None where that is not known.
            count: the two in words.
        """
        if self._bar is not None and self._task is not None:
            self._bar.update(
                self._task, description=said, completed=done, total=total or None, count=count
            )
            return
        share = done / total if total else 0.0
        if said != self._said or share >= self._share + STEP or (share == 1 > self._share):
            self._said, self._share = said, share
            line = f"{said}: {count}" if count else said
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
