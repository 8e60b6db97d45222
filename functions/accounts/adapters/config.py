"""What this function alone reads from its environment."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from functions.kit.adapters.config import ConfigError, setting
from functions.kit.adapters.smtp import MAIL_FROM, smtp_url

OUTBOX = "mayfly-outbox"


class AccountSettings(msgspec.Struct, frozen=True):
    """Settings of `accounts`.

    Attributes:
        owner_email: of the account that a system begins with.
        web_url: where the pages are, for links in mails.
        smtp_url: `smtp://user:password@host:587`, or `smtps://`; empty for files in the outbox.
        mail_from: the sender of mails.
        outbox: the folder of mails that are not sent.
        trusted_hops: how many proxies before the function are ours.
    """

    owner_email: str
    web_url: str
    smtp_url: str
    mail_from: str
    outbox: Path
    trusted_hops: int

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "AccountSettings":
        """Read the settings; raises ConfigError."""
        return cls(
            owner_email=setting(env, "MAYFLY_OWNER_EMAIL", str, "owner@localhost"),
            web_url=setting(env, "MAYFLY_WEB_URL", str, "http://127.0.0.1:8000").rstrip("/"),
            smtp_url=smtp_url(env),
            mail_from=setting(env, MAIL_FROM[0], str, MAIL_FROM[1]),
            outbox=setting(env, "MAYFLY_OUTBOX", Path, Path(tempfile.gettempdir()) / OUTBOX),
            trusted_hops=_hops(env),
        )


def _hops(env: Mapping[str, str]) -> int:
    found = setting(env, "MAYFLY_TRUSTED_HOPS", int, 1)
    if found < 0:
        raise ConfigError(f"MAYFLY_TRUSTED_HOPS={found} is no number of proxies: 0 or more.")
    return found
