"""A report as it is watched: what is done, what is being done, and which files it has."""

from typing import Literal, NamedTuple

from web.client.report_schemas import Form, Phase, Report

FORMS: dict[Form, str] = {
    "pdf": "PDF, to print and to pass on",
    "html": "A page, to read here",
    "notebook": "Jupyter notebook, to go on from",
}
"""The files that may be wanted, in words."""
FILES: dict[Form, str] = {
    "pdf": "report.pdf",
    "html": "report.html",
    "notebook": "notebook.ipynb",
}
"""What each is called."""
TYPES: dict[str, str] = {
    "report.pdf": "application/pdf",
    "report.html": "text/html; charset=utf-8",
    "notebook.ipynb": "application/x-ipynb+json",
    "facts.json": "application/json",
}
PHASES: dict[Phase, tuple[str, float]] = {
    "gather": ("Ask for what there is to know", 0.1),
    "run": ("Carry the notebook out", 0.75),
    "typeset": ("Set the pages", 0.15),
}
"""What is done, in this order: in words, and its usual share of the time."""


class Stage(NamedTuple):
    """A phase of a report as it stands; `seconds` that it took, None before its end."""

    words: str
    state: Literal["done", "now", "next", "stopped"]
    seconds: float | None


def stages(report: Report) -> list[Stage]:
    """Return the phases of a report; without pages there is none that sets them."""
    order = [one for one in PHASES if one != "typeset" or {"pdf", "html"} & {*report.kinds}]
    return [Stage(PHASES[one][0], _state(report, one), report.seconds.get(one)) for one in order]


def _state(report: Report, phase: Phase) -> Literal["done", "now", "next", "stopped"]:
    if phase in report.seconds or report.state == "succeeded":
        return "done"
    if phase != report.phase:
        return "next"
    return "stopped" if report.state == "failed" else "now"


def done(report: Report) -> float:
    """Return the share of a report that is done, by what its phases usually take."""
    if report.state == "succeeded":
        return 1.0
    return sum(share for phase, (_, share) in PHASES.items() if phase in report.seconds)


def title(report: Report) -> str:
    """Return what a tab is called that shows a report: what came of it, or how far it is."""
    name = f"Report on {report.name}"
    if report.state == "failed":
        return f"✗ {name}"
    return f"✓ {name}" if report.state == "succeeded" else f"{done(report):.0%} {name}"


FILTERS = {"report_title": title}
