"""What this function alone reads from its environment."""

import os
from collections.abc import Mapping

from functions.kit.adapters.config import setting


def max_upload_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return the largest CSV file that is taken, in bytes; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_UPLOAD_BYTES", int, 1024**3)
