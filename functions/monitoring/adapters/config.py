"""What this function alone reads from its environment."""

import datetime as dt
import os
from collections.abc import Mapping

import msgspec

from functions.kit.adapters.config import positive, setting
from functions.kit.adapters.smtp import MAIL_FROM, smtp_url

DAYS = 30
"""For how long predictions and labels are kept, unless MAYFLY_PREDICTIONS_DAYS says it."""


class MonitoringSettings(msgspec.Struct, frozen=True):
    """Settings of `monitoring`.

    Attributes:
        keep: how long predictions and labels are kept.
        smtp_url: of the server that takes mails; empty where there is none.
        mail_from: the sender of mails.
        web_url: where the pages are, for links in notices; empty where nobody said.
    """

    keep: dt.timedelta
    smtp_url: str = ""
    mail_from: str = MAIL_FROM[1]
    web_url: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "MonitoringSettings":
        """Read the settings; raises ConfigError."""
        days = setting(env, "MAYFLY_PREDICTIONS_DAYS", positive, DAYS)
        return cls(
            keep=dt.timedelta(days=days),
            smtp_url=smtp_url(env),
            mail_from=setting(env, MAIL_FROM[0], str, MAIL_FROM[1]),
            web_url=setting(env, "MAYFLY_WEB_URL", str, "").rstrip("/"),
        )
