"""Bodies of several parts, as they come: the last part may be as large as any object."""

from collections.abc import Iterable, Iterator
from email.message import Message

from emulators.storage.model.errors import InvalidError
from emulators.storage.transport.http.messages import BrokenBodyError

_LINE_END = b"\r\n"
_MAX_LINE = 64 * 1024
_MAX_LINES = 100


def boundary(content_type: str) -> bytes:
    """Return what stands between the parts of a body.

    Raises:
        InvalidError: The type names none.
    """
    told = Message()
    told["Content-Type"] = content_type
    found = told.get_param("boundary")
    if not told.get_content_maintype() == "multipart" or not isinstance(found, str) or not found:
        raise InvalidError("A multipart body needs a Content-Type that names its boundary.")
    return found.encode("latin-1", "replace")


class Parts:
    """The parts of a body, one after the other.

    Args:
        chunks: The body.
        between: Its boundary.
    """

    def __init__(self, chunks: Iterable[bytes], between: bytes) -> None:
        self._chunks = iter(chunks)
        self._delimiter = _LINE_END + b"--" + between
        self._held = _LINE_END  # the first boundary may begin the body
        self._found = False  # whether what is held begins with a delimiter

    def next(self) -> dict[str, str]:
        """Go to the next part; return its fields by lower-case name.

        Raises:
            InvalidError: There is none.
            BrokenBodyError: The body broke off.
        """
        for _ in self.content():
            pass
        self._held = self._held[len(self._delimiter) :]
        self._found = False
        if self._line().startswith(b"--"):
            raise InvalidError("The multipart body has too few parts.")
        fields: dict[str, str] = {}
        for _ in range(_MAX_LINES):
            line = self._line()
            if not line:
                return fields
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.strip().lower()] = value.strip()
        raise InvalidError("A part of the body has too many fields.")

    def content(self) -> Iterator[bytes]:
        """Yield the rest of the part.

        Raises:
            BrokenBodyError: The body broke off.
        """
        while not self._found:
            at = self._held.find(self._delimiter)
            if at >= 0:
                piece, self._held, self._found = self._held[:at], self._held[at:], True
                if piece:
                    yield piece
                return
            kept = len(self._delimiter) - 1
            if len(self._held) > kept:
                piece, self._held = self._held[:-kept], self._held[-kept:]
                yield piece
            self._more()

    def _line(self) -> bytes:
        while (at := self._held.find(_LINE_END)) < 0:
            if len(self._held) > _MAX_LINE:
                raise InvalidError("A line of the multipart body is too long.")
            if self._held[:2] == b"--":
                return self._held
            self._more()
        line, self._held = self._held[:at], self._held[at + len(_LINE_END) :]
        return line

    def _more(self) -> None:
        data = next(self._chunks, None)
        if data is None:
            raise BrokenBodyError("The multipart body ends before its last boundary.")
        self._held += data
