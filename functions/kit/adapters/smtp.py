"""Hands mails to a server by SMTP: the one place that knows how, whoever sends one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from functions.kit.adapters.config import ConfigError, MissingSecret, secret
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import smtplib
    import ssl
    from email.message import EmailMessage
else:
    smtplib = Lazy("smtplib")
    ssl = Lazy("ssl")

SMTP = ("MAYFLY_SMTP_URL", "mayfly-smtp-url")
"""The variable, and the secret file, that name the server."""
MAIL_FROM = ("MAYFLY_MAIL_FROM", "mayfly@localhost")
"""The variable that names the sender of mails, and who that is without it."""
TIMEOUT = 10.0
SMTPS, SUBMISSION = 465, 587  # ports


def smtp_url(env: Mapping[str, str]) -> str:
    """Return the server's address, which holds its password; empty where none is configured.

    Raises:
        ConfigError: it is no address of a mail server.
    """
    try:
        found = secret(env, *SMTP)
    except MissingSecret:
        return ""
    if not found.startswith(("smtp://", "smtps://")):
        raise ConfigError(f"{SMTP[0]} begins with neither smtp:// nor smtps://.")
    return found


class MailServer:
    """A mail server.

    Args:
        url: `smtp://user:password@host:587`, which turns to TLS where the server can, and must
            where there is a password; `smtps://…` for TLS from the start.

    Attributes:
        host: its name.

    Raises:
        ConfigError: the URL names no server.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:  # it is named here, and the password is not
            raise ConfigError(f"{SMTP[0]} has a port that is none: 1 to 65535.") from None
        if not parts.hostname:
            raise ConfigError(f"{SMTP[0]} names no host: smtp://user:password@host:587.")
        self.host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = port or (SMTPS if self._tls else SUBMISSION)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    def hand_over(self, mail: "EmailMessage") -> dict[str, tuple[int, bytes]]:
        """Hand a mail over; it is the server's once this returns.

        Returns:
            The recipients that the server refused, each with its answer; never all of them.

        Raises:
            smtplib.SMTPException: it was not taken; see `may_pass`.
            OSError: the server is not there.
        """
        server = self._connected()
        try:
            refused: dict[str, tuple[int, bytes]] = server.send_message(mail)
        except BaseException:
            server.close()
            raise
        _part(server)
        return refused

    def _connected(self) -> "smtplib.SMTP":
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self._port, timeout=TIMEOUT)
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


def _part(server: "smtplib.SMTP") -> None:
    """Say goodbye; the mail was taken before, so how that is answered does not matter."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def may_pass(error: Exception) -> bool:
    """Tell whether another try may do: the network, or an answer that is not for good."""
    if isinstance(error, smtplib.SMTPResponseException):
        return 400 <= error.smtp_code < 500
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(400 <= code < 500 for code, _ in error.recipients.values())
    return not isinstance(error, (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError))
