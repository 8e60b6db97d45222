"""Has a part met a full disk that it does not get over by itself?

NATS is such a part (2.15.1): a stream that could not be written once refuses every message until
the server is started again, however much room there is by then. Each refusal is a line of its log.
"""

import os
from pathlib import Path

from infra.local.system.disk_space import is_full

LOOK_EVERY = 1.0
# The most of a log that one look reads; a refusal comes again.
MOST = 1 << 20
SIGNS = (b"no space left on device", b"disk quota exceeded")


class FullDiskWatch:
    """Watches one process of such a part.

    Args:
        home: the folder that it writes to.
        log: the part's log.
    """

    def __init__(self, home: Path, log: Path) -> None:
        self._home = home
        self._log = log
        self._place = self._size()
        self._looked = 0.0
        self._found = False

    def look(self, now: float) -> bool:
        """Tell whether it has met a full disk since it was started.

        Args:
            now: a monotonic time in seconds.
        """
        if not self._found and now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._found = is_full(self._home) or self._is_told()
        return self._found

    def _is_told(self) -> bool:
        """Look for a sign in what has been written to the log since the last look."""
        size = self._size()
        begin = max(0, size - MOST) if size < self._place else max(self._place, size - MOST)
        self._place = size
        if size == begin:
            return False
        with self._log.open("rb") as file:
            text = os.pread(file.fileno(), size - begin, begin)
        return any(sign in text for sign in SIGNS)

    def _size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0
