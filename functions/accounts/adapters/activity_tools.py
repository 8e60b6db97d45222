"""What keeps and searches activity, put together."""

import datetime as dt
import os
from collections.abc import Mapping
from typing import NamedTuple

from functions.accounts.adapters.firestore_keys import FirestoreKeys
from functions.accounts.adapters.parquet_lines import ParquetLines
from functions.accounts.adapters.untold_files import UntoldFiles
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.latecomers import Latecomers
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
    latecomers: Latecomers
    search: Search


def activity_tools(settings: Settings, env: Mapping[str, str] = os.environ) -> ActivityTools:
    """Return the tools; raises ConfigError."""
    bucket, clock = Files(settings), SystemClock()
    files = ParquetLines(bucket)
    keep = dt.timedelta(days=setting(env, "MAYFLY_ACTIVITY_DAYS", positive, DAYS))
    upkeep = Upkeep(files, clock, keep)
    ingestion = Ingestion(files, FirestoreKeys(settings.first_key), upkeep)
    latecomers = Latecomers(UntoldFiles(bucket), ingestion, clock)
    return ActivityTools(ingestion, latecomers, Search(files, clock))
