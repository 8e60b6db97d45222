"""What keeps and searches activity, put together."""

import datetime as dt
import os
from collections.abc import Mapping
from typing import NamedTuple

from functions.accounts.adapters.activity.parquet_lines import ParquetLines
from functions.accounts.adapters.firestore.keys import FirestoreKeys
from functions.accounts.service.activity.ingestion import Ingestion
from functions.accounts.service.activity.search import Search
from functions.accounts.service.activity.upkeep import Upkeep
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings, positive, setting
from functions.kit.adapters.stores.storage import Files
from functions.kit.adapters.stores.untold import Untold
from functions.kit.contract.telemetry.activity import UNTOLD, Batch
from functions.kit.service.latecomers import Latecomers

DAYS = 30
"""For how long lines are kept, unless MAYFLY_ACTIVITY_DAYS says it."""


class ActivityTools(NamedTuple):
    """Takes lines in, and finds them."""

    ingestion: Ingestion
    latecomers: Latecomers[Batch]
    search: Search


def activity_tools(settings: Settings, env: Mapping[str, str] = os.environ) -> ActivityTools:
    """Return the tools; raises ConfigError."""
    bucket, clock = Files(settings), SystemClock()
    files = ParquetLines(bucket)
    keep = dt.timedelta(days=setting(env, "MAYFLY_ACTIVITY_DAYS", positive, DAYS))
    upkeep = Upkeep(files, clock, keep)
    ingestion = Ingestion(files, FirestoreKeys(settings.first_key), upkeep)
    untold = Untold(UNTOLD, Batch, bucket)
    latecomers = Latecomers("activity", untold, ingestion.take, clock)
    return ActivityTools(ingestion, latecomers, Search(files, clock))
