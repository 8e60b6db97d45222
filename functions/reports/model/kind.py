"""What a store must know of reports: which step is due for one, and in which lists it stands."""

import msgspec

from functions.kit.contract.access import workspaces
from functions.kit.contract.access.over_quota import OpenBound
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.stepped import Due, Kind, due_now
from functions.kit.contract.steps import Step
from functions.reports.model.report import Report


class KeptBound(msgspec.Struct, frozen=True):
    """How many reports an owner may keep in a workspace: each has files of about a megabyte."""

    most: int

    def check(self, found: int) -> None:
        """Refuse one more than `found`; raises Conflict. No report makes room for another."""
        if found >= self.most:
            raise Conflict(
                f"{self.most:,} reports of yours are kept in this workspace, and no more are made: "
                "remove some that nobody needs any more, then ask again."
            )


FUNCTION = "reports"
REPORTS = "reports"
MOST_OPEN = 20
"""Reports that an owner may have made at a time: each takes seconds of a core."""
OPEN = OpenBound("openreports", "reports", MOST_OPEN)
KEPT = KeptBound(200)
LIST = ("all",)
"""The one list of a workspace's reports."""


def step_of(report: Place, which: str) -> Step:
    """Return a step of a report by its name: a phase, or `remove`."""
    path = workspaces.path(report.workspace, REPORTS, report.name, "steps", which)
    return Step(FUNCTION, f"/{path}")


def due(report: Report) -> list[Due]:
    """Return what is to be done next; nothing more for one that has ended and stays."""
    if report.is_removed:
        return due_now([step_of(report.place, "remove")])
    return [] if report.is_ended else due_now([step_of(report.place, report.phase)])


REPORT: Kind[Report] = Kind(
    noun="report",
    collection=REPORTS,
    type=Report,
    due=due,
    list_of=lambda report: () if report.is_removed else LIST,
    open_of=lambda report: "" if report.is_ended or report.is_removed else report.owner,
    kept_of=lambda report: "" if report.is_removed else report.owner,
)


def folder_of(report: Place) -> str:
    """Return what the names of a report's files begin with."""
    return workspaces.path(report.workspace, REPORTS, report.name, "")
