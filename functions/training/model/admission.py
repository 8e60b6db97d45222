"""Which jobs may run: a list of all that run or wait, in the order in which they came.

Pure. The list is one document; a job is admitted in the transaction that changes it.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away


class Caps(NamedTuple):
    """How much may run at a time.

    Attributes:
        jobs: in all, and `workspace_jobs` of one workspace.
        candidates: of all jobs, of one workspace's, and of one job; a job gets what is free of it
            when it is admitted, one at least.
        waiting: jobs that may wait in all, and `workspace_waiting` of one workspace, so that none
            keeps the others out; one more is refused.
    """

    jobs: int = 4
    workspace_jobs: int = 3
    candidates: int = 8
    workspace_candidates: int = 6
    job_candidates: int = 2
    waiting: int = 1000
    workspace_waiting: int = 500


class Entry(msgspec.Struct, frozen=True):
    """A job that runs or waits; `slots` are the candidates that it may try at a time, or 0."""

    workspace: str
    job: str
    slots: int = 0

    @property
    def place(self) -> Place:
        """Where the job is."""
        return Place(self.workspace, self.job)


def joined(entries: Sequence[Entry], place: Place, caps: Caps) -> list[Entry]:
    """Return the list with another job at its end; raises Away when too many wait."""
    waits = waiting(entries)
    if len(waits) >= caps.waiting:
        raise Away(f"{caps.waiting} jobs wait already; try again later.", retry_after=60)
    if sum(one.workspace == place.workspace for one in waits) >= caps.workspace_waiting:
        raise Away(
            f"{caps.workspace_waiting} jobs of this workspace wait already; cancel some of them, "
            "or try again later.",
            retry_after=60,
        )
    return [*entries, Entry(*place)]


def admit(entries: Sequence[Entry], caps: Caps) -> list[Entry]:
    """Return the list with those admitted for whom there is room, the first to come first.

    One whose workspace is at its cap lets those of others pass.
    """
    found = list(entries)
    for place, one in enumerate(found):
        if not one.slots:
            found[place] = replace(one, slots=_room(found, one.workspace, caps))
    return found


def _room(entries: Sequence[Entry], workspace: str, caps: Caps) -> int:
    """Return how many candidates a job of this workspace could now try; 0: it has to wait."""
    running = [one for one in entries if one.slots]
    ours = [one for one in running if one.workspace == workspace]
    if len(running) >= caps.jobs or len(ours) >= caps.workspace_jobs:
        return 0
    free = caps.candidates - sum(one.slots for one in running)
    free_of_ours = caps.workspace_candidates - sum(one.slots for one in ours)
    return max(0, min(caps.job_candidates, free, free_of_ours))


def without(entries: Sequence[Entry], gone: Collection[Place]) -> list[Entry]:
    """Return the list without jobs that have ended."""
    return [one for one in entries if one.place not in gone]


def newly(before: Sequence[Entry], after: Sequence[Entry]) -> list[Entry]:
    """Return those that were admitted between the two."""
    waited = {one.place for one in before if not one.slots}
    return [one for one in after if one.slots and one.place in waited]


def waiting(entries: Sequence[Entry]) -> dict[Place, int]:
    """Return the place of each that waits, from 1 on."""
    return {
        one.place: place
        for place, one in enumerate((one for one in entries if not one.slots), start=1)
    }
