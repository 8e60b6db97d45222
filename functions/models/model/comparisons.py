"""Two versions on the same rows, and promotions that ask for a better one.

The rows are those that the newer one held out and that came after the older one was trained: what
it is like now is asked, not what it was like. Where there are too few of them, or nobody knows
what the older one says of them, the rows are those that both held out.
"""

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from functions.kit.contract.errors import Conflict, Flaw, Gone, Unreadable
from functions.kit.contract.measures import comparison, held_out
from functions.kit.contract.measures.comparison import Comparison, Interval
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.measures.names import unknown
from functions.kit.contract.models.registration import CHAMPION, Model, Version

# What a file of held-out predictions may be unpacked.
MOST_UNPACKED = 512 * 1024 * 1024
# Fewer new rows leave the question to those that both held out.
FEWEST_NEW = 50

Read = Callable[[str], bytes]


class IfBetter(msgspec.Struct, forbid_unknown_fields=True):
    """A condition of a promotion: the version is better than the one that an alias names.

    Attributes:
        than: the alias.
        measure: the name of what they are compared by; by default the one that decides.
        margin: by how much more than that it has to be better, in the measure's unit. However
            small it is, a difference has to be seen: one that other rows like these would not
            show is none.
    """

    than: str = CHAMPION
    measure: str | None = None
    margin: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Promoted(Model, kw_only=True):
    """A model after a promotion; `because` is what the comparison said, where one was asked for."""

    because: str | None = None


def promoted(model: Model, because: str | None = None) -> Promoted:
    """Return what a promotion answers."""
    return Promoted(**msgspec.structs.asdict(model), because=because)


class Compared(msgspec.Struct, kw_only=True):
    """Two versions of a model on the same rows.

    Attributes:
        a: number of the first version; `b` of the second.
        measure: what they are compared by.
        rows: on how many.
        on: which these are: "new" are those that one held out and that came, or changed, after the
            other was trained; "shared" those that both held out.
        first: the measure of `a`; `second` of `b`.
        first_interval: that `first` is in, 95 of 100 times; `second_interval` for `second`.
        difference: how much better `b` is; less than 0 if it is worse.
        low: of the interval that the difference is in, 95 of 100 times; `high` likewise.
        better: which one is, if the interval says so; null: no difference is to be seen.
        text: the same in words.
    """

    a: int
    b: int
    measure: str
    rows: int
    on: Literal["new", "shared"]
    first: float
    second: float
    first_interval: Interval
    second_interval: Interval
    difference: float
    low: float
    high: float
    better: int | None
    text: str


class _New(NamedTuple):
    """What both say of rows that are new to one of them, and what rows these are, in words."""

    first: HeldOut
    second: HeldOut
    words: str

    @property
    def rows(self) -> int:
        return len(self.first.keys)


def compare(read: Read, a: Version, b: Version, measure: str | None = None) -> Compared:
    """Return how version `b` compares with `a`.

    Args:
        read: gives a file of the bucket; raises FileNotFoundError.
        a: the one.
        b: the other.
        measure: one of their task's.

    Raises:
        Unreadable: there is no such measure for their task.
        Conflict: they cannot be compared; it says why.
        Gone: what they predicted is not as it was registered.
    """
    if measure is not None and (why := unknown(b.task, measure)):
        raise Unreadable(why, Flaw(why, column="measure", value=measure))
    first, second = (_held_out(read, one) for one in (a, b))
    new = _new_rows((a, first), (b, second))
    if new is not None and new.rows >= FEWEST_NEW:
        # By rows of one class alone, say, not everything can be measured.
        with contextlib.suppress(comparison.Incomparable):
            found = comparison.compare(new.first, new.second, b.task, measure, new.words)
            return _numbered(a, b, found, "new")
    try:
        found = comparison.compare(first, second, b.task, measure)
    except comparison.Incomparable as error:
        raise Conflict(
            f"Versions {a.version} and {b.version} of '{b.model}' cannot be compared. {error}"
            f"{_why_shared(new)}"
        ) from error
    return _numbered(a, b, found, "shared", _why_shared(new))


def _new_rows(a: tuple[Version, HeldOut], b: tuple[Version, HeldOut]) -> _New | None:
    """Return the rows that one held out and that are new to the other; None: nobody knows."""
    (one, first), (other, second) = a, b
    if one.file is not None and (found := second.beside(one.file.sha256)):
        rival, own = found
        return _New(rival, own, _words(other, one))
    if other.file is not None and (found := first.beside(other.file.sha256)):
        rival, own = found
        return _New(own, rival, _words(one, other))
    return None


def _words(newer: Version, older: Version) -> str:
    return f"rows that version {newer.version} held out and that are new to version {older.version}"


def _why_shared(new: _New | None) -> str:
    """Say why rows that both held out had to do, where there are some that are new."""
    if new is None or not new.rows:
        return ""
    enough = "" if new.rows >= FEWEST_NEW else f"; {FEWEST_NEW} are needed"
    return f" Of {new.words} there are {new.rows:,}{enough or ', of too few kinds or groups'}."


def _numbered(
    a: Version, b: Version, found: Comparison, on: Literal["new", "shared"], more: str = ""
) -> Compared:
    fields: dict[str, Any] = msgspec.structs.asdict(found)
    better = {"first": a.version, "second": b.version, None: None}[found.better]
    text = found.text.replace(f"The {found.better} is", f"Version {better} is", 1) + more
    told = {"a": a.version, "b": b.version, "on": on, "better": better, "text": text}
    return Compared(**fields | told)


def _held_out(read: Read, version: Version) -> HeldOut:
    name = f"Version {version.version} of '{version.model}'"
    file = version.held_out
    if file is None:
        raise Conflict(
            f"{name} was registered without what it predicted for its held-out rows: train it "
            "anew to compare it."
        )
    try:
        data = read(file.path)
    except FileNotFoundError as error:
        raise Gone(f"{name}: its held-out predictions are not there any more.") from error
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise Gone(f"{name}: its held-out predictions are not those that were registered.")
    try:
        return unpacked(data)
    except held_out.Unreadable as error:
        raise Conflict(f"{name}: {error}") from error


def unpacked(data: bytes) -> HeldOut:
    """Return held-out predictions; raises held_out.Unreadable, also where they are too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile as error:
        raise held_out.Unreadable(f"Not held-out predictions: {error}") from error
    if size > MOST_UNPACKED:
        raise held_out.Unreadable(f"Unpacked they take {size:,} bytes of {MOST_UNPACKED:,}.")
    return held_out.from_bytes(data)


def check_better(found: Compared, margin: float) -> None:
    """Raise Conflict unless `b` is seen to be better than `a`, by a margin."""
    if found.better != found.b:
        raise Conflict(f"Version {found.b} is not promoted: {found.text}")
    if found.difference < margin:
        raise Conflict(
            f"Version {found.b} is not promoted: it is better by {found.difference:.4g}, and "
            f"{margin:g} is asked for. {found.text}"
        )
