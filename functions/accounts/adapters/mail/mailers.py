"""Which way mails go."""

from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.mail.outbox import Outbox
from functions.accounts.adapters.mail.smtp import SmtpMail
from functions.accounts.service.ports import Mailer
from functions.kit.contract.ports import Clock


def mailer(settings: AccountSettings, clock: Clock) -> Mailer:
    """Return what sends mails: to the server that is configured, else into files."""
    if settings.smtp_url:
        return SmtpMail(settings.smtp_url, settings.mail_from, clock)
    return Outbox(settings.outbox, settings.mail_from, clock)
