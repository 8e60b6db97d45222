"""Where a reader's own machine has a key for the commands that pages show."""

from pathlib import Path

from web.http.readers import reader
from web.settings import Settings

OWNER, MAIN = "owner", "main"
"""The account that a system begins with, and its workspace: the first key is theirs."""


def key_file(settings: Settings) -> Path | None:
    """Return where the owner of this machine's own stack has a key; nobody else has it."""
    seat = reader().seat
    owns = seat.account == OWNER and seat.workspace == MAIN
    return settings.key_file if owns else None
