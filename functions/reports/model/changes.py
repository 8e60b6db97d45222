"""How a report goes from state to state.

Pure: each takes a report as it is stored and returns it as it shall be, or the same object when
there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt
from collections.abc import Mapping

from msgspec.structs import replace

from functions.reports.model.report import Form, Phase, Report, ReportFile


def begin(report: Report, now: dt.datetime) -> Report:
    """Note that somebody is at it."""
    return report if report.state != "queued" else replace(report, state="running", started_at=now)


def gathered(
    report: Report, facts: ReportFile, data: str, revision: int | None, took: float
) -> Report:
    """Note what the notebook is told."""
    if report.phase != "gather":
        return report
    return replace(
        report,
        phase="run",
        facts=facts,
        data=data,
        revision=revision,
        seconds=_taken(report, took),
    )


def ran(report: Report, notebook: ReportFile, took: float, now: dt.datetime) -> Report:
    """Note the notebook; it is all that there is to make where no pages are wanted."""
    if report.phase != "run":
        return report
    made = replace(
        report, phase="typeset", files={"notebook": notebook}, seconds=_taken(report, took)
    )
    return made if {"pdf", "html"} & set(report.forms) else _ended(made, now)


def typeset(
    report: Report, pages: Mapping[Form, ReportFile], took: float, now: dt.datetime
) -> Report:
    """Note the pages: all is made."""
    if report.is_ended:
        return report
    made = replace(report, files={**report.files, **pages}, seconds=_taken(report, took))
    return _ended(made, now)


def failed(report: Report, reason: str, now: dt.datetime) -> Report:
    """Note why nothing comes of it."""
    if report.is_ended:
        return report
    return replace(report, state="failed", failure=reason, ended_at=now)


def removed(report: Report) -> Report:
    """Note that it is to go."""
    return report if report.is_removed else replace(report, is_removed=True)


def _ended(report: Report, now: dt.datetime) -> Report:
    return replace(report, state="succeeded", ended_at=now)


def _taken(report: Report, took: float) -> dict[Phase, float]:
    return {**report.seconds, report.phase: round(took, 3)}
