"""What is wrong with JSON that msgspec did not take, as flaws: each with its place and reason."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.errors import Flaw
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import difflib

    from functions.kit.contract.requests import enumerated
else:  # needed for errors alone
    difflib = Lazy("difflib")
    enumerated = Lazy("functions.kit.contract.requests.enumerated")

Path = tuple[str | int, ...]
MOST_FLAWS = 20
# What msgspec raises for bytes that it cannot read, or that are not of the type.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
LONGEST_NAME = 100
"""Letters of a name that are compared with those that are known."""
NOT_FINITE = "Expected a finite number, or null"

# Compiled when first needed, which is not at a cold start.
_FIELD = r"(?s)(?:missing required|contains unknown) field `(?P<name>.*)`"
# What msgspec says of days and moments, and what a person can do about it.
_PLAINLY = {
    "Invalid RFC3339 encoded date": "Expected a day that can mean but one, such as 2026-01-31",
    "Invalid RFC3339 encoded datetime": (
        "Expected a moment that can mean but one, such as 2026-01-31T12:00:00Z"
    ),
}
_NO_SUCH_WORD = "Invalid enum value"
_AT = r"(?s)^(?P<reason>.*?)(?: - at `(?P<path>.*)`)?$"


def flaw(error: msgspec.ValidationError, row: int | None = None, kind: Any = None) -> Flaw:
    """Turn msgspec's text (`Expected ... - at `$.path``) into a flaw with its place.

    `kind` is the type that was decoded; with it, a word that is none of some is told which are.
    """
    found = re.match(_AT, str(error))
    if found is None:  # the pattern matches any text
        return Flaw(str(error), row=row)
    path = (found["path"] or "").removeprefix("$").removeprefix(".")
    field = re.search(_FIELD, found["reason"])
    names = [name for name in (path, field and field["name"]) if name]
    reason = _PLAINLY.get(found["reason"], found["reason"])
    if kind is not None and reason.startswith(_NO_SUCH_WORD):
        reason += enumerated.told(kind, path)
    return Flaw(reason, row=row, column=".".join(names) or None)


class Constant(str):
    """NaN, Infinity or -Infinity, as some programs write them though JSON has no such thing."""

    __slots__ = ()


def loaded(body: bytes) -> Any:
    """Return what a body holds, with `Constant`s, if they are why it is not JSON; else None."""
    try:
        found = json.loads(body, parse_constant=Constant)
    except (ValueError, RecursionError):
        return None
    return found if any(_within((), found)) else None


def constants(body: bytes) -> list[tuple[Path, str]]:
    """Find the values that are no finite numbers, if that is why the body is not JSON.

    Returns:
        At most MOST_FLAWS of them, each with the keys and places from the top that lead to it.
    """
    return list(islice(_within((), loaded(body)), MOST_FLAWS))


def _within(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Constant):
        yield path, str(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _within((*path, key), inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _within((*path, place), inner)


class Flaws:
    """The first of some flaws, and how many there are."""

    def __init__(self) -> None:
        self.shown: list[Flaw] = []
        self.count = 0

    def add(self, flaw: Flaw) -> None:
        """Count a flaw; keep it, if it is among the first."""
        self.count += 1
        if self.is_open:
            self.shown.append(flaw)

    @property
    def is_open(self) -> bool:
        """Tell whether another one is kept: what nobody sees need not be worded."""
        return len(self.shown) < MOST_FLAWS


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the question whether another name was meant, or nothing."""
    found = difflib.get_close_matches(name[:LONGEST_NAME], known, 1)
    return f" (did you mean `{found[0]}`?)" if found else ""
