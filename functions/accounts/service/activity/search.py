"""Searches activity, the newest line first, a page at a time."""

from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile, workspace_prefix
from functions.accounts.service.activity.ports import LineFiles
from functions.kit.contract.ports import Clock
from functions.kit.service.line_search import LineSearch


class Search(LineSearch[LineFile, Filters, Key, Kept]):
    """Finds lines.

    Args:
        files: where lines are kept.
        clock: tells how long a search takes.
    """

    def __init__(self, files: LineFiles, clock: Clock) -> None:
        super().__init__(
            files,
            clock,
            lambda filters: workspace_prefix(filters.workspace),
            lambda at: Key(at, "", 0),
        )
