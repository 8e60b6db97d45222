"""`${NAME}` in a text, as `faas-cli` replaces it in stack files (drone/envsubst).

`${NAME}`, `${NAME:-default}` (`=`, `:=`, `:?` and `:+` mean a default there, too), `${#NAME}`,
`${NAME,}`, `${NAME,,}`, `${NAME^}`, `${NAME^^}`, `${NAME:offset:length}`, `${NAME/old/new}`,
`${NAME#prefix}` and `${NAME%suffix}`. A variable that is not set is an empty text. `$${` is `${`.
"""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

_NAME = re.compile(r"\w+")
_PLAIN = re.compile(r"(?:[^$\\]|\\(?![/\\])|\$(?![{$]))+")
_OPERATOR = re.compile(r":[=\-?+]|=|:|,,?|\^\^?|//|/#|/%|/|##?|%%?")
_NUMBER = re.compile(r"[+-]?\d+")
_END_OF_WORD = {":": ":}", "/": "/"}


class BadSubstitution(ValueError):  # noqa: N818 - the name that faas-cli's own message has
    """A `${` that cannot be read; the text says why, in envsubst's words."""


def expand(text: str, env: Mapping[str, str]) -> str:
    """Replace every substitution in a text.

    Raises:
        BadSubstitution: one cannot be read; `faas-cli` refuses the file, too.
    """
    return _Reader(text, env).whole()


class _Reader:
    """Reads a text once, from the left."""

    def __init__(self, text: str, env: Mapping[str, str]) -> None:
        self._text = text
        self._env = env
        self._at = 0

    def whole(self) -> str:
        found = []
        while self._at < len(self._text):
            if plain := _PLAIN.match(self._text, self._at):
                found.append(plain[0])
                self._at = plain.end()
            elif self._take("${"):
                found.append(self._substitution())
            else:  # `$$`, `\/` and `\\`: the second character, as it is
                found.append(self._text[self._at + 1 : self._at + 2])
                self._at += 2
        return "".join(found)

    def _take(self, token: str) -> bool:
        there = self._text.startswith(token, self._at)
        self._at += len(token) if there else 0
        return there

    def _substitution(self) -> str:
        measured = self._take("#")
        name = _NAME.match(self._text, self._at)
        if name is None:
            raise BadSubstitution(self._why("unable to parse variable name"))
        self._at = name.end()
        value = self._env.get(name[0], "")
        if measured:
            value = str(len(value.encode()))
        operator = None if measured else _OPERATOR.match(self._text, self._at)
        if operator is None:
            return self._closed(value, "missing closing brace")
        self._at = operator.end()
        return self._closed(self._applied(operator[0], value), "bad substitution")

    def _applied(self, operator: str, value: str) -> str:
        if operator[0] in ",^":
            return _CASES[operator](value)
        if operator in _DEFAULTS:
            return self._words("}") if not value else self._skipped(value)
        first = self._word(_END_OF_WORD.get(operator[0], "}"))
        if operator == ":":
            return _part(value, first, self._word("}") if self._take(":") else None)
        if operator[0] == "/":
            if not self._take("/"):
                raise BadSubstitution(self._why("bad substitution"))
            return _replaced(operator, value, first, self._word("}"))
        return _trimmed(operator, value, first)

    def _skipped(self, value: str) -> str:
        self._words("}")
        return value

    def _words(self, ends: str) -> str:
        found = []
        while self._at < len(self._text) and self._text[self._at] not in ends:
            found.append(self._word(ends))
        return "".join(found)

    def _word(self, ends: str) -> str:
        if self._take("${"):
            return self._substitution()
        begin = self._at
        while self._at < len(self._text) and self._text[self._at] not in ends:
            if self._text.startswith("${", self._at):
                break
            self._at += 1
        return self._text[begin : self._at]

    def _closed(self, value: str, otherwise: str) -> str:
        if not self._take("}"):
            raise BadSubstitution(self._why(otherwise))
        return value

    def _why(self, reason: str) -> str:
        line = self._text.count("\n", 0, self._at) + 1
        return f"line {line}: {reason}"


_DEFAULTS = frozenset(("=", ":=", ":-", ":?", ":+"))
_CASES: Mapping[str, Callable[[str], str]] = {
    ",": lambda text: text[:1].lower() + text[1:],
    ",,": str.lower,
    "^": lambda text: text[:1].upper() + text[1:],
    "^^": str.upper,
}


def _part(value: str, offset: str, length: str | None) -> str:
    """Return a part of a value; all of it where a number cannot be read, as in bash."""
    if not all(_NUMBER.fullmatch(text) for text in (offset, length or "0")):
        return value
    begin = int(offset) if int(offset) >= 0 else max(0, len(value) + int(offset))
    return value[begin:] if length is None else value[begin : begin + int(length)]


def _replaced(operator: str, value: str, old: str, new: str) -> str:
    if operator == "//":
        return value.replace(old, new)
    if operator == "/%":
        return value.removesuffix(old) + new if value.endswith(old) else value
    if operator == "/#" and not value.startswith(old):
        return value
    return value.replace(old, new, 1)


def _trimmed(operator: str, value: str, pattern: str) -> str:
    """Return a value without the shortest, or longest (a doubled sign), match at its edge."""
    lengths = range(len(value) + 1)
    for size in reversed(lengths) if len(operator) > 1 else lengths[1:]:
        edge = value[:size] if operator[0] == "#" else value[len(value) - size :]
        if fnmatchcase(edge, pattern):
            return value[size:] if operator[0] == "#" else value[: len(value) - size]
    return value
