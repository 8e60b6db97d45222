"""Globs of object names (`matchGlob`) as regular expressions."""

import re

from emulators.storage.model.errors import InvalidError

_LONGEST = 1024
_MANY = 20  # stars: more of them take a regular expression too long


def pattern(glob: str) -> re.Pattern[str]:
    """Return what a glob matches: `*` and `?` within a folder, `**` across, `[a-z]`, `{a,b}`.

    Raises:
        InvalidError: It is none.
    """
    if len(glob) > _LONGEST or glob.count("*") > _MANY:
        raise InvalidError(f"The glob is too long, or has more than {_MANY} stars.")
    try:
        return re.compile(_Reader(glob).read(), re.DOTALL)
    except re.error as error:
        raise InvalidError(f"Invalid glob {glob[:100]!r}: {error}.") from error


class _Reader:
    def __init__(self, glob: str) -> None:
        self._glob = glob
        self._at = 0
        self._depth = 0

    def read(self) -> str:
        out = []
        while self._at < len(self._glob):
            out.append(self._next())
        if self._depth:
            raise InvalidError(f"Invalid glob {self._glob[:100]!r}: a brace is open.")
        return "".join(out)

    def _next(self) -> str:
        one = self._glob[self._at]
        self._at += 1
        if one == "*":
            return self._star()
        if one == "?":
            return "[^/]"
        if one == "[":
            return self._set()
        if one == "\\" and self._at < len(self._glob):
            self._at += 1
            return re.escape(self._glob[self._at - 1])
        return self._brace(one)

    def _star(self) -> str:
        if not self._glob.startswith("*", self._at):
            return "[^/]*"
        self._at += 1
        whole = self._at == 2 or self._glob[self._at - 3] == "/"
        if whole and self._glob.startswith("/", self._at):
            self._at += 1
            return "(?:.*/)?"
        return ".*"

    def _set(self) -> str:
        end = self._glob.find("]", self._at + 1)
        if end < 0:
            raise InvalidError(f"Invalid glob {self._glob[:100]!r}: a bracket is open.")
        inner = self._glob[self._at : end]
        self._at = end + 1
        negated = inner[0] in "!^"
        kept = (inner[1:] if negated else inner).replace("\\", r"\\").replace("[", r"\[")
        return f"[{'^' if negated else ''}{kept}]"

    def _brace(self, one: str) -> str:
        if one == "{":
            self._depth += 1
            return "(?:"
        if one == "}" and self._depth:
            self._depth -= 1
            return ")"
        return "|" if one == "," and self._depth else re.escape(one)
