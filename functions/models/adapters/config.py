"""What this function alone reads from its environment."""

import os
from collections.abc import Mapping

import msgspec

from functions.kit.adapters.config import setting

MEBIBYTE = 1024 * 1024


class CheckSettings(msgspec.Struct, frozen=True):
    """What a model's file may take.

    Attributes:
        most_bytes: its size.
        memory_bytes: address space to check it, open it and let it answer two rows.
        seconds: processor time for the same.
    """

    most_bytes: int
    memory_bytes: int
    seconds: int

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "CheckSettings":
        """Read the settings; raises ConfigError."""
        return cls(
            most_bytes=setting(env, "MAYFLY_MAX_MODEL_BYTES", int, 256 * MEBIBYTE),
            memory_bytes=setting(env, "MAYFLY_MODEL_CHECK_BYTES", int, 2048 * MEBIBYTE),
            seconds=setting(env, "MAYFLY_MODEL_CHECK_SECONDS", int, 10),
        )
