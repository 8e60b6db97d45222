"""Two versions on the rows that both held out, and promotions that ask for a better one."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from functions.kit.contract.errors import Conflict, Flaw, Gone, Unreadable
from functions.kit.contract.measures import comparison, held_out
from functions.kit.contract.measures.comparison import Comparison
from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.measures.names import unknown
from functions.kit.contract.models.registration import CHAMPION, Version

# What a file of held-out predictions may be, packed and unpacked.
MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 512 * 1024 * 1024

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


class Compared(msgspec.Struct, kw_only=True):
    """Two versions of a model on the rows that both held out.

    Attributes:
        a: number of the first version; `b` of the second.
        measure: what they are compared by.
        rows: how many both held out.
        first: the measure of `a`; `second` of `b`.
        difference: how much better `b` is; less than 0 if it is worse.
        low: of the interval that the difference is in, 95 of 100 times; `high` likewise.
        better: which one is, if the interval says so; null: no difference is to be seen.
        text: the same in words.
    """

    a: int
    b: int
    measure: str
    rows: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    better: int | None
    text: str


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
    try:
        found = comparison.compare(first, second, b.task, measure)
    except comparison.Incomparable as error:
        raise Conflict(
            f"Versions {a.version} and {b.version} of '{b.model}' cannot be compared. {error}"
        ) from error
    return _numbered(a.version, b.version, found)


def _numbered(a: int, b: int, found: Comparison) -> Compared:
    fields: dict[str, Any] = msgspec.structs.asdict(found)
    better = {"first": a, "second": b, None: None}[found.better]
    text = found.text.replace(f"The {found.better} is", f"Version {better} is", 1)
    return Compared(**fields | {"a": a, "b": b, "better": better, "text": text})


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
