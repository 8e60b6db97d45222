"""What this function alone reads from its environment."""

import datetime as dt
import os
from collections.abc import Mapping

import msgspec

from functions.kit.adapters.config import positive, setting

DAYS = 30
"""For how long predictions and labels are kept, unless MAYFLY_PREDICTIONS_DAYS says it."""


class MonitoringSettings(msgspec.Struct, frozen=True):
    """How long predictions and labels are kept."""

    keep: dt.timedelta

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "MonitoringSettings":
        """Read the settings; raises ConfigError."""
        days = setting(env, "MAYFLY_PREDICTIONS_DAYS", positive, DAYS)
        return cls(keep=dt.timedelta(days=days))
