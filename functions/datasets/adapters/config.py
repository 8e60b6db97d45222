"""What this function alone reads from its environment."""

import os
from collections.abc import Mapping

from functions.kit.adapters.config import setting


def max_upload_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return the largest file that is taken, in bytes; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_UPLOAD_BYTES", int, 1024**3)


def max_table_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return what the tables that a replica holds may take in memory; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_TABLE_BYTES", int, 192 * 1024**2)
