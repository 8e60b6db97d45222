"""Which objects a listing shows, and how its pages follow one another."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from emulators.storage.model.errors import InvalidError
from emulators.storage.model.globs import pattern
from emulators.storage.model.records import Version

MOST = 1000
_AFTER_ALL = "\U0010ffff"
Which = Literal["live", "all", "deleted"]  # with the noncurrent; or those deleted softly
Place = tuple[str, int]  # a name and a generation: where a page begins


@dataclass(frozen=True, slots=True)
class Listing:
    """What is asked for.

    Attributes:
        start: The first name that may be there.
        end: The first name behind; "" for no end.
        most: How many objects and prefixes a page has.
    """

    prefix: str = ""
    delimiter: str = ""
    start: str = ""
    end: str = ""
    glob: str = ""
    trailing: bool = False
    which: Which = "live"
    most: int = MOST
    token: str = ""

    def begin(self) -> Place:
        """Return where the page begins.

        Raises:
            InvalidError: The token is none of ours.
        """
        if self.token:
            return read_token(self.token)
        return max(self.prefix, self.start), 0

    def limit(self) -> str:
        """Return the first name behind all that is asked for."""
        limit = behind(self.prefix)
        return min(self.end, limit) if self.end else limit

    def folder(self, name: str) -> str:
        """Return what stands for a name and all that begin alike; "" where it stands for itself."""
        if not self.delimiter:
            return ""
        at = name.find(self.delimiter, len(self.prefix))
        return "" if at < 0 else name[: at + len(self.delimiter)]

    def filter(self) -> Callable[[str], bool]:
        """Return what tells the names that are asked for from others between them.

        Raises:
            InvalidError: The glob is none.
        """
        if not self.glob:
            return lambda name: name.startswith(self.prefix)
        matches = pattern(self.glob).fullmatch
        return lambda name: name.startswith(self.prefix) and matches(name) is not None


@dataclass(slots=True)
class Page:
    """What one answer shows; `token` leads on where there is more."""

    versions: list[Version] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    token: str = ""

    def __len__(self) -> int:
        return len(self.versions) + len(self.prefixes)


def behind(folder: str) -> str:
    """Return the least name behind all that begin with `folder`."""
    kept = folder.rstrip(_AFTER_ALL)
    if not kept:
        return _AFTER_ALL * 300  # longer than any name
    following = ord(kept[-1]) + 1
    if 0xD800 <= following <= 0xDFFF:  # no characters of their own
        following = 0xE000
    return kept[:-1] + chr(following)


def make_token(place: Place) -> str:
    """Return what leads to a place."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(token: str) -> Place:
    """Return where a token leads.

    Raises:
        InvalidError: It is none of ours.
    """
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token))
        str(name).encode()  # half a surrogate pair is no name
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidError(f"Invalid page token: {token[:100]!r}.") from error
    if not isinstance(name, str) or not isinstance(generation, int):
        raise InvalidError(f"Invalid page token: {token[:100]!r}.")
    return name, generation
