"""What became of what was acknowledged, in one table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Flaw = Literal["lost", "doubled", "wrong", "hung"]
FLAWS: tuple[Flaw, ...] = get_args(Flaw)
HEADINGS = ("acknowledged", "lost", "doubled in effect", "wrong", "hung")
MOST_TOLD = 5


@dataclass
class Tally:
    """The audit of one load.

    Attributes:
        acknowledged: promises made to callers.
        lost: of those, not kept.
        doubled: effects that came more often than the API promises.
        wrong: answers that were not true, or that the API does not know (500, say).
        hung: calls without an answer, and accepted work without an end.
        flaws: what those were, and how often the same.
        notes: what is worth knowing and no flaw.
    """

    name: str
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    hung: int = 0
    flaws: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def blame(self, column: Flaw, what: str, times: int = 1) -> None:
        """Count a flaw."""
        setattr(self, column, getattr(self, column) + times)
        self.flaws[f"{column}: {what}"] += 1

    @property
    def clean(self) -> bool:
        """Whether something was acknowledged, and nothing went wrong."""
        return self.acknowledged > 0 and not any(getattr(self, flaw) for flaw in FLAWS)


def table(tallies: Sequence[Tally]) -> str:
    """Return the table, a line a load, and what was found below it."""
    width = max(len(tally.name) for tally in tallies)
    lines = ["  ".join([" " * width, *HEADINGS])]
    for tally in tallies:
        figures = [
            str(getattr(tally, column)).rjust(len(heading))
            for column, heading in zip(("acknowledged", *FLAWS), HEADINGS, strict=True)
        ]
        lines.append("  ".join([tally.name.ljust(width), *figures]))
    return "\n".join([*lines, *(line for tally in tallies for line in _told(tally))])


def _told(tally: Tally) -> list[str]:
    shown = [f"{times} x {flaw}" for flaw, times in tally.flaws.most_common(MOST_TOLD)]
    if len(tally.flaws) > MOST_TOLD:
        shown.append(f"and {len(tally.flaws) - MOST_TOLD} other flaws")
    shown += tally.notes
    if not tally.acknowledged:
        shown.append("nothing was acknowledged, so nothing is proven")
    return [f"{tally.name}: {line}" for line in shown]
