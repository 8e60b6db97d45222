"""Mail by SMTP."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import structlog

from functions.accounts.adapters.mail.outbox import message
from functions.kit.adapters.config import ConfigError
from functions.kit.contract.ports import Clock
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import smtplib
    import ssl
else:
    smtplib = Lazy("smtplib")
    ssl = Lazy("ssl")

log = structlog.get_logger()

TIMEOUT = 10.0
SMTPS, SUBMISSION = 465, 587  # ports
PAUSES = (1.0, 5.0)
"""Seconds before a mail is tried again that a server would not take now."""


class SmtpMail:
    """The Mailer that hands mails to a server.

    Args:
        url: `smtp://user:password@host:587`, which turns to TLS where the server can, and must
            where there is a password; `smtps://…` for TLS from the start.
        sender: what stands in From.
        clock: waits between tries.

    Raises:
        ConfigError: the URL names no server.
    """

    confirms = True

    def __init__(self, url: str, sender: str, clock: Clock) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ConfigError("MAYFLY_SMTP_URL names no host: smtp://user:password@host:587.")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (SMTPS if self._tls else SUBMISSION)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._clock = clock

    def send(self, to: str, subject: str, text: str) -> None:
        """See Mailer."""
        for pause in (*PAUSES, None):
            try:
                self._hand_over(to, subject, text)
                break
            except (smtplib.SMTPException, OSError) as error:
                if pause is None or not _may_pass(error):
                    log.exception("a mail was not sent", server=self._host, error=str(error))
                    break
                self._clock.sleep(pause)

    def _hand_over(self, to: str, subject: str, text: str) -> None:
        with self._connected() as server:
            server.send_message(message(self._sender, to, subject, text))

    def _connected(self) -> "smtplib.SMTP":
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: "smtplib.SMTP", context: "ssl.SSLContext") -> None:
        server.ehlo()
        if not self._tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif not self._tls and self._password:
            raise smtplib.SMTPNotSupportedError("No TLS: the password would be in the clear.")
        if self._user:
            server.login(self._user, self._password)


def _may_pass(error: Exception) -> bool:
    """Tell whether another try may do: the network, or an answer that is not for good."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    return not isinstance(error, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError))
