"""What this function alone reads from its environment."""

import datetime as dt
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from functions.kit.adapters.config import setting, switch
from functions.prediction.model.delivery import is_before_answer

MEBIBYTE = 1024 * 1024
LONGEST = dt.timedelta(days=365)
"""For which results may be kept."""


class CacheSettings(msgspec.Struct, frozen=True):
    """Where and how much this function may cache.

    Attributes:
        folder: model files on local disk, shared by the replicas on one machine.
        disk_bytes: most bytes of model files there.
        memory_bytes: most bytes of memory that versions held ready take.
        answers_bytes: most bytes that what versions gave is remembered in; 0 for none.
    """

    folder: Path
    disk_bytes: int
    memory_bytes: int
    answers_bytes: int = 0

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "CacheSettings":
        """Read the settings; raises ConfigError."""
        # One folder for each user of the machine: it must not be another's to write in.
        folder = Path(tempfile.gettempdir()) / f"mayfly-models-{os.getuid()}"
        return cls(
            folder=setting(env, "MAYFLY_MODEL_CACHE", Path, folder),
            disk_bytes=setting(env, "MAYFLY_MODEL_CACHE_DISK_BYTES", int, 2048 * MEBIBYTE),
            memory_bytes=setting(env, "MAYFLY_MODEL_CACHE_BYTES", int, 512 * MEBIBYTE),
            answers_bytes=setting(env, "MAYFLY_RESPONSE_CACHE_BYTES", _size, 0),
        )


def results_kept(env: Mapping[str, str] = os.environ) -> dt.timedelta:
    """Return for how long results of tasks are kept; raises ConfigError."""
    return setting(env, "MAYFLY_RESULTS_KEPT_SECONDS", _seconds, dt.timedelta(days=1))


def _seconds(text: str) -> dt.timedelta:
    found = dt.timedelta(seconds=int(text))
    if not dt.timedelta(0) < found <= LONGEST:
        raise ValueError(text)
    return found


class LogSettings(msgspec.Struct, frozen=True):
    """How predictions are logged.

    Attributes:
        on: whether they are.
        before_answer: whether all of them are on disk before they are answered.
        leave_out: whether values of sensitive columns are left out, rather than hashed.
    """

    on: bool = True
    before_answer: bool = False
    leave_out: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "LogSettings":
        """Read the settings; raises ConfigError."""
        return cls(
            on=setting(env, "MAYFLY_PREDICTION_LOG", switch, default=True),
            before_answer=setting(env, "MAYFLY_DELIVERY", is_before_answer, default=False),
            leave_out=setting(env, "MAYFLY_SENSITIVE", _is_left_out, default=False),
        )


def _size(text: str) -> int:
    found = int(text)
    if found < 0:
        raise ValueError(text)
    return found


def _is_left_out(text: str) -> bool:
    if text not in {"hash", "leave-out"}:
        raise ValueError(text)
    return text == "leave-out"


def max_upload_bytes(env: Mapping[str, str] = os.environ) -> int:
    """Return the largest file that is taken to be predicted for, in bytes; raises ConfigError."""
    return setting(env, "MAYFLY_MAX_UPLOAD_BYTES", int, 1024**3)
