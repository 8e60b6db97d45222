"""Mail by SMTP."""

from typing import TYPE_CHECKING

import structlog

from functions.accounts.adapters.mail.outbox import message
from functions.kit.adapters.smtp import MailServer, may_pass
from functions.kit.contract.ports import Clock
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import smtplib
else:
    smtplib = Lazy("smtplib")

log = structlog.get_logger()

PAUSES = (1.0, 5.0)
"""Seconds before a mail is tried again that a server would not take now."""


class SmtpMail:
    """The Mailer that hands mails to a server.

    Args:
        url: see MailServer.
        sender: what stands in From.
        clock: waits between tries.

    Raises:
        ConfigError: the URL names no server.
    """

    confirms = True

    def __init__(self, url: str, sender: str, clock: Clock) -> None:
        self._server = MailServer(url)
        self._sender = sender
        self._clock = clock

    def send(self, to: str, subject: str, text: str) -> None:
        """See Mailer."""
        for pause in (*PAUSES, None):
            try:
                self._server.hand_over(message(self._sender, to, subject, text))
                break
            except (smtplib.SMTPException, OSError) as error:
                if pause is None or not may_pass(error):
                    server = self._server.host
                    log.exception("a mail was not sent", server=server, error=str(error))
                    break
                self._clock.sleep(pause)
