"""Notices in words."""

from functions.monitoring.model.alerts import measure_words
from functions.monitoring.model.alerts.notices import Line, Notice

TEST = "This is a test: somebody pressed the test button."


def subject(notice: Notice) -> str:
    """Return what a notice is about, in one line."""
    firing = [one for one in notice.lines if one.change == "firing"]
    resolved = [one for one in notice.lines if one.change == "resolved"]
    if not firing and not resolved:
        of = f"{notice.model}: " if notice.model else ""
        return f"[test] {of}{notice.lines[0].name}"
    if not firing:
        return f"[resolved] {notice.model}: {_names(resolved)}"
    more = f"; resolved: {_names(resolved)}" if resolved else ""
    return f"[{notice.severity}] {notice.model}: {_names(firing)}{more}"


def text(notice: Notice, pages: str) -> str:
    """Return a notice as plain text; `pages` is where the pages are, empty where nobody knows."""
    parts = [_told(one) for one in notice.lines]
    if pages and notice.model:
        parts.append(f"{pages}/models/{notice.model}")
    return "\n\n".join(parts) + "\n"


def _told(line: Line) -> str:
    if line.change == "test":
        return f"{line.name}\n{TEST}\nIt looks for: {line.looks_for}."
    found = measure_words.found(line.measure, line.value)
    said = [
        f"{line.name}: {line.change} ({line.severity})",
        f"It looks for: {line.looks_for}.",
        f"{found}.",
        f"Found at {line.at:%Y-%m-%d %H:%M} UTC; alert {line.alert}.",
    ]
    return "\n".join(said)


def _names(lines: list[Line]) -> str:
    names = ", ".join(one.name for one in lines[:3])
    return names if len(lines) <= 3 else f"{names} and {len(lines) - 3} more"
