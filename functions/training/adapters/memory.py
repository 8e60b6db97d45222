"""How much memory a replica has: as the environment says, or as its container is limited to."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from functions.kit.adapters.config import positive, setting

KEY = "MAYFLY_TRAINING_MEMORY_MB"
MB = 1 << 20
# Where Linux keeps the limit of a control group, version 2 and 1; of none it says "max", or a
# number that is larger than any machine.
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
LARGEST = 1 << 50
# What a process may take of its container's limit: the kernel's buffers count, too.
SHARE = 0.9


def memory_from_env(
    env: Mapping[str, str] = os.environ, limits: Sequence[Path] = LIMITS, usual: int = 800 * MB
) -> int:
    """Return the bytes that a replica may take: the setting, its container's limit, or `usual`.

    Raises:
        ConfigError: the setting is no whole number from 1 on.
    """
    if KEY in env:
        return setting(env, KEY, positive) * MB
    found = [limit for file in limits if (limit := _limit(file)) is not None]
    return round(SHARE * min(found)) if found else usual


def _limit(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None  # another system, or the other version
    return int(text) if text.isdecimal() and int(text) < LARGEST else None
