"""What keeps and searches activity, put together."""

import datetime as dt
import os
from collections.abc import Mapping
from typing import NamedTuple

from functions.accounts.adapters.firestore_key_uses import FirestoreKeyUses
from functions.accounts.adapters.parquet_lines import ParquetLines
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.search import Search
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings, positive, setting
from functions.kit.adapters.storage import Files

DAYS = 30
"""For how long lines are kept, unless MAYFLY_ACTIVITY_DAYS says it."""


class ActivityTools(NamedTuple):
    """Takes lines in, and finds them."""

    ingestion: Ingestion
    search: Search


def activity_tools(settings: Settings, env: Mapping[str, str] = os.environ) -> ActivityTools:
    """Return the tools; raises ConfigError."""
    files, clock = ParquetLines(Files(settings)), SystemClock()
    keep = dt.timedelta(days=setting(env, "MAYFLY_ACTIVITY_DAYS", positive, DAYS))
    upkeep = Upkeep(files, clock, keep)
    return ActivityTools(Ingestion(files, FirestoreKeyUses(), upkeep), Search(files, clock))
