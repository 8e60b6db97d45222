"""What a check finds, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A line.

    Attributes:
        passed: None where it is only good to know.
        what: what is so.
        where: the thing that is looked at.
        remedy: what to do; empty where nothing is to be done.
    """

    passed: bool | None
    what: str
    where: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f". {self.remedy}" if self.remedy else "")


def well(where: str, what: str) -> Finding:
    """Return what is as it should be."""
    return Finding(passed=True, what=what, where=where)


def wrong(where: str, what: str, remedy: str) -> Finding:
    """Return what is in the way."""
    return Finding(passed=False, what=what, where=where, remedy=remedy)


def note(where: str, what: str, remedy: str = "") -> Finding:
    """Return what is good to know."""
    return Finding(None, what, where, remedy)


def judged(where: str, faults: Iterable[tuple[bool, str]], fine: str, remedy: str) -> Finding:
    """Return one line on a thing: all that is wrong with it, or that it is fine.

    Args:
        where: the thing.
        faults: whether something is wrong, and what that is.
        fine: what is said where nothing is.
        remedy: for all of it.
    """
    found = [what for is_so, what in faults if is_so]
    return wrong(where, "; ".join(found), remedy) if found else well(where, fine)
