"""Minutes into windows by count: whole minutes, until there are predictions enough."""

from collections.abc import Iterable

from functions.monitoring.model.windows.window import COUNT, Window


def cut(minutes: Iterable[Window], count: int = COUNT) -> list[list[Window]]:
    """Return the minutes of each window, oldest first; what is left over is of none yet."""
    found: list[list[Window]] = []
    group: list[Window] = []
    for one in minutes:
        group.append(one)
        if sum(part.rows for part in group) >= count:
            found.append(group)
            group = []
    return found
