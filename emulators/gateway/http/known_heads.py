"""Heads that came before, byte for byte: what they say is known.

Who keeps a connection sends the same head again and again, with another body. To read it anew each
time was most of what a call cost. A head counts as known only with its whole body behind it, in one
piece; everything else is read as if nothing were known.
"""

from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 1024
_LONGEST = 4096  # bytes of a head that is kept
_END = b"\r\n\r\n"


class KnownHeads(Generic[T]):
    """What was read from the heads that came last, at most 4 MB of them.

    What is kept must follow from the head's bytes alone, and is given out many times.

    Attributes:
        wanted: Whether the head that was looked for last has come before, and is not kept: of those
            that come once (with an id of their own, say) there may be any number.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int, T]] = {}
        self._seen: set[int] = set()  # hashes of heads; two heads with one do no harm
        self.wanted = False

    def find(self, data: bytes) -> T | None:
        """Return what is known of a message's head; None where it is new, or data are not whole."""
        head = data[: data.find(_END) + 4]
        known = self._known.get(head)
        if known is None:
            self._look(hash(head))
            return None
        self.wanted = False
        return known[1] if known[0] == len(data) else None

    def keep(self, data: bytes, length: int, read: T) -> None:
        """Keep what was read.

        Args:
            data: A whole message, and nothing more.
            length: How long its body is.
            read: What its head says.
        """
        head = data[: len(data) - length]
        if not self.wanted or len(head) > _LONGEST or data.find(_END) + 4 != len(head):
            return
        if len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]
        self._known[head] = len(data), read

    def _look(self, seen: int) -> None:
        self.wanted = seen in self._seen
        if not self.wanted:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen.add(seen)
