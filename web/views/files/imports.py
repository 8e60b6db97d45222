"""An import in words: what it would do, what it did, how long it still takes."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from web.client.import_schemas import Import, ImportReport
from web.views.formatting import counted
from web.views.moments import moment_of

LEAST_SHARE = 0.02  # of the rows, before a time left means anything
FIRST = "0"  # the import that made the table
TITLES = {
    "append": "Add the rows of {}",
    "upsert": "Change and add by {}",
    "replace": "Replace all rows by {}",
}
PILLS = {"done": "succeeded", "waiting": "checked", "refused": "failed", "importing": "running"}
"""States by names that other pages have for them, and their colours."""


def import_name(one: Import) -> str:
    """Return where its rows come from."""
    source = one.source
    return source.name or source.url or source.connection or "a file"


def import_title(one: Import) -> str:
    """Return what it is, in a heading."""
    title = "The upload of {}" if one.id == FIRST else TITLES[one.asked.mode]
    return title.format(f"“{import_name(one)}”" if one.source.name else import_name(one))


def import_pill(one: Import) -> str:
    """Return its state in a word that all pages have."""
    return PILLS.get(one.state, one.state)


def import_share(one: Import) -> float:
    """Return which part of its rows is written, 0 to 1."""
    return min(one.rows_done / one.rows, 1.0) if one.rows else 0.0


def import_left(one: Import, now: dt.datetime | None = None) -> float | None:
    """Return how many seconds writing still takes at the pace so far; None for nobody knows."""
    share = import_share(one)
    if one.state != "importing" or share < LEAST_SHARE:
        return None
    gone = ((now or dt.datetime.now(dt.UTC)) - moment_of(one.updated_at)).total_seconds()
    return max(gone, 0.0) * (1 - share) / share


def import_counts(one: Import) -> list[tuple[str, int]]:
    """Return what the check found, as counts of rows; those that say nothing are left out."""
    report = one.report or ImportReport()
    told = [
        ("added", report.new),
        ("changed", report.changed),
        ("as they are", report.same),
        ("removed", report.removed),
        ("left out, as they do not fit", report.bad),
    ]
    return [(what, count) for what, count in told if count or what == "added"]


def import_act(one: Import) -> str:
    """Return what the button says that lets it go on."""
    report = one.report or ImportReport()
    if one.asked.mode == "replace":
        act = f"Replace {counted(report.removed, 'row')} by {report.new:,}"
    else:
        acts = [f"add {report.new:,}"] if report.new else []
        acts += [f"change {report.changed:,}"] if report.changed else []
        act = " and ".join(acts).capitalize()
        act += " row" if report.new + report.changed == 1 else " rows"
    return f"{act}, leave out {report.bad:,}" if report.bad else act


def import_warning(one: Import) -> str:
    """Return what follows from letting it go on, where something that is there is changed."""
    report = one.report or ImportReport()
    told = []
    if report.removed:
        told.append(f"{_are(report.removed)} taken out of the table.")
    if report.changed:
        told.append(f"{_are(report.changed)} given other values.")
    if report.bad:
        told.append(f"{counted(report.bad, 'row')} of the file stay out, as they do not fit.")
    return " ".join([*told, "Undo brings the table back. Models stay as they are."])


def import_changes(one: Import) -> bool:
    """Tell whether rows that are there are changed or removed by it."""
    return one.report is not None and bool(one.report.removed or one.report.changed)


def import_does(one: Import) -> bool:
    """Tell whether it would do anything at all."""
    report = one.report or ImportReport()
    return bool(report.new or report.changed or report.removed)


def import_done(one: Import) -> str:
    """Return what it did, in a sentence."""
    report = one.report or ImportReport()
    parts = [(report.new, "added"), (report.changed, "changed"), (report.removed, "removed")]
    told = [f"{counted(count, 'row')} {what}" for count, what in parts if count]
    if not told:
        return "Nothing was to be done: the table has all of it already."
    out = f" {counted(report.bad, 'row')} left out." if report.bad else ""
    return f"{', '.join(told)}.{out}"


def _are(count: int) -> str:
    return f"{counted(count, 'row')} {'is' if count == 1 else 'are'}"


FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (
        import_name,
        import_title,
        import_pill,
        import_share,
        import_left,
        import_counts,
        import_act,
        import_warning,
        import_changes,
        import_does,
        import_done,
    )
}
