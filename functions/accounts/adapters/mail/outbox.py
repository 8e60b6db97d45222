"""Mail as files, where no mail server is configured: whoever runs the system reads them there."""

import os
import secrets
from email.message import EmailMessage
from pathlib import Path

import structlog

from functions.kit.contract.ports import Clock

log = structlog.get_logger()


class Outbox:
    """The Mailer that writes `.eml` files, for their owner's eyes alone.

    Args:
        folder: made when it is needed.
        sender: what stands in From.
        clock: tells the time that a file's name begins with.
    """

    confirms = False

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, to: str, subject: str, text: str) -> None:
        """See Mailer."""
        self._prepare()
        name = f"{self._clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.eml"
        path, written = self._folder / name, self._folder / f"{name}.part"
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(message(self._sender, to, subject, text)))
        written.rename(path)
        log.warning("no mail server is configured; a mail lies in a file", file=str(path))

    def _prepare(self) -> None:
        """Make the folder; refuse one that somebody else can read or write."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077 or self._folder.is_symlink():
            raise PermissionError(
                f"The outbox {self._folder} must be a folder of our own that nobody else can read: "
                "`chmod 700` it, or name another in MAYFLY_OUTBOX."
            )


def message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Return a mail."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made
