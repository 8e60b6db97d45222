"""What this function alone reads from its environment."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from functions.kit.adapters.config import setting

MEBIBYTE = 1024 * 1024


class CacheSettings(msgspec.Struct, frozen=True):
    """Where and how much this function may cache.

    Attributes:
        folder: model files on local disk, shared by the replicas on one machine.
        disk_bytes: most bytes of model files there.
        memory_bytes: most bytes of model files whose sessions are held in memory.
    """

    folder: Path
    disk_bytes: int
    memory_bytes: int

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "CacheSettings":
        """Read the settings; raises ConfigError."""
        # One folder for each user of the machine: it must not be another's to write in.
        folder = Path(tempfile.gettempdir()) / f"mayfly-models-{os.getuid()}"
        return cls(
            folder=setting(env, "MAYFLY_MODEL_CACHE", Path, folder),
            disk_bytes=setting(env, "MAYFLY_MODEL_CACHE_DISK_BYTES", int, 2048 * MEBIBYTE),
            memory_bytes=setting(env, "MAYFLY_MODEL_CACHE_BYTES", int, 256 * MEBIBYTE),
        )


def max_upload_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return the largest file that is taken to be predicted for, in bytes; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_UPLOAD_BYTES", int, 1024**3)
