"""Which lines somebody looks for (pure)."""

import re

import msgspec

from emulators.gateway.model.telling.entries import LEVELS, LogEntry

_WARNING = LEVELS.index("warning")
_PLAIN = re.compile(r'[^\x00-\x20\x7f"\\]+')
_LEAST = 3  # letters: there are words of two between those of a call
# What a line has somewhere, in small letters, whose level is a warning or worse (`entries` says
# which that are): looked for one by one, many times faster than by an expression.
_BAD: tuple[bytes, ...] = (
    *(b"warn", b"wrn", b"err", b"critical", b"fatal", b"ftl", b"exception", b"traceback"),
    *(b"ended by", b'"status":5', b'"status": 5'),
)


def _surely_in(text: str) -> str:
    """Return what a line has as it is that has a text, or that is read as one: "" for nothing.

    Quotes and the like are escaped in a line of JSON, and what is said of a call has its words in
    another order. What is no ASCII may be escaped, too, or have capitals of other lengths.
    """
    if not text.isascii():
        return ""
    longest = max(_PLAIN.findall(text), key=len, default="")
    return longest if len(longest) >= _LEAST else ""


class LogQuery(msgspec.Struct, frozen=True):
    """What an entry must have; what is empty, any has.

    Attributes:
        service: Who said it.
        level: One of LEVELS: that bad, or worse.
        trace: Of this trace.
        text: In the line, however it is capitalised.
        since: From this moment on, as entries have it.
        until: Before this moment.
        limit: So many at most, the newest.
    """

    service: str = ""
    level: str = ""
    trace: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    limit: int = 100

    def may_be_in(self, line: bytes) -> bool:
        """Tell whether a line is worth to be read: cheaply, and never no for one that is wanted."""
        if self.trace and self.trace.encode() not in line:
            return False
        bad = bool(self.level) and LEVELS.index(self.level) >= _WARNING
        word = _surely_in(self.text)
        if not (word or bad):
            return True
        small = line.lower()
        if word.lower().encode() not in small:
            return False
        return not bad or any(word in small for word in _BAD)

    def takes(self, entry: LogEntry) -> bool:
        """Tell whether an entry is wanted."""
        if self.service not in ("", entry.service) or self.trace not in ("", entry.trace):
            return False
        if self.level and entry.rank < LEVELS.index(self.level):
            return False
        if entry.time < self.since or (self.until and entry.time >= self.until):
            return False
        wanted = self.text.lower()
        return wanted in entry.text.lower() or wanted in entry.event.lower()
