"""What this function alone reads from its environment."""

import os
from collections.abc import Mapping

from functions.datasets.model.imports.turns import Caps
from functions.kit.adapters.config import positive, setting


def max_upload_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return the largest file that is taken, in bytes; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_UPLOAD_BYTES", int, 1024**3)


def max_table_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return what the tables that a replica holds may take in memory; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_TABLE_BYTES", int, 192 * 1024**2)


def import_caps(env: Mapping[str, str] = os.environ) -> Caps:
    """Return how many imports work at a time: `MAYFLY_IMPORT_JOBS` …; raises ConfigError."""
    usual = Caps()._asdict()
    return Caps(
        **{
            name: setting(env, f"MAYFLY_IMPORT_{name.upper()}", positive, number)
            for name, number in usual.items()
        }
    )
