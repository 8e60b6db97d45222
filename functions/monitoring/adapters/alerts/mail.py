"""Notices by mail."""

from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING

from functions.kit.adapters.smtp import MailServer, may_pass
from functions.kit.contract.ports import Clock
from functions.kit.lazy import Lazy, pattern
from functions.monitoring.model.alerts import words
from functions.monitoring.model.alerts.channels import Channel
from functions.monitoring.model.alerts.notices import Notice
from functions.monitoring.service.alerts.ports import NotTaken

if TYPE_CHECKING:
    import smtplib
else:
    smtplib = Lazy("smtplib")


_CONTROL = pattern(r"[\x00-\x08\x0b-\x1f\x7f]")


class Mail:
    """A Sender that hands notices to a mail server.

    Args:
        url: see MailServer; empty where none is configured.
        sender: what stands in From.
        pages: where the pages are.
        clock: tells the time of a mail.

    Raises:
        ConfigError: the URL names no server.
    """

    def __init__(self, url: str, sender: str, pages: str, clock: Clock) -> None:
        self._server = MailServer(url) if url else None
        self._sender = sender
        self._pages = pages
        self._clock = clock

    def send(self, notice: Notice, channel: Channel) -> str:
        """See Sender: the mail's Message-ID follows from the notice."""
        if self._server is None:
            raise NotTaken("No mail server is configured: set MAYFLY_SMTP_URL.")
        try:
            refused = self._server.hand_over(self._message(notice, channel))
        except smtplib.SMTPRecipientsRefused as error:
            raise NotTaken(_told(error.recipients), for_good=not may_pass(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            why = f"The mail server {self._server.host}: {error}"
            raise NotTaken(why, for_good=not may_pass(error)) from error
        return _told(refused) if refused else ""

    def _message(self, notice: Notice, channel: Channel) -> EmailMessage:
        made = EmailMessage()
        made["From"], made["To"] = self._sender, ", ".join(channel.to)
        made["Subject"] = " ".join(_plain(words.subject(notice)).split())
        made["Date"] = format_datetime(self._clock.now())
        made["Message-ID"] = message_id(notice, self._sender)
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(_plain(words.text(notice, self._pages)))
        return made


def message_id(notice: Notice, sender: str) -> str:
    """Return a notice's Message-ID: the same each time that it is sent."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "mayfly"
    return f"<{notice.id}.{notice.workspace}@{domain}>"


def _plain(text: str) -> str:
    """Return a text without what servers refuse in mails: people name rules as they like."""
    return _CONTROL.sub(" ", text)


def _told(refused: "dict[str, tuple[int, bytes]]") -> str:
    """Return who was refused, and why."""
    said = (
        f"{who}: {code} {text.decode(errors='replace')}" for who, (code, text) in refused.items()
    )
    return f"Refused: {'; '.join(said)}"
