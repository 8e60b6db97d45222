"""What a model predicted for its held-out rows, kept so that another can be compared on them."""

import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.models.signature import Task
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with bytes that were given
    """The bytes are no held-out predictions; the text says why."""


# What a file may be, as it is kept.
MOST_BYTES = 64 * 1024 * 1024


class _AboutRival(msgspec.Struct):
    """What is not an array of a rival."""

    sha256: str
    threshold: float | None


class _About(msgspec.Struct):
    """What is not an array."""

    task: Task
    labels: list[str]
    threshold: float | None
    rivals: list[_AboutRival] = []


@dataclass(frozen=True)
class Rival:
    """What another model says of those held-out rows that came after it was trained.

    Attributes:
        sha256: of the file that said it.
        places: of the rows among all held-out ones, [its rows] int64, rising.
        predicted: as those of HeldOut, in the same order of labels, [its rows, …].
        threshold: as that of HeldOut, the rival's own.
    """

    sha256: str
    places: Array
    predicted: Array
    threshold: float | None = None


@dataclass(frozen=True)
class HeldOut:
    """A model's held-out rows.

    Attributes:
        keys: uint64 of what each row holds, [rows]; the same row has the same in every version.
        truth: places among `labels` (int64), or numbers, [rows].
        predicted: probabilities [rows, labels], or numbers [rows].
        labels: of the model, in the order of its probabilities; empty for a regression.
        threshold: of two labels, the least probability of the last that is called so.
        units: uint64 of what is drawn together, [rows]: of groups; None: each key by itself.
        rivals: what others say of some of the rows.
    """

    task: Task
    keys: Array
    truth: Array
    predicted: Array
    labels: list[str] = field(default_factory=list)
    threshold: float | None = None
    units: Array | None = None
    rivals: list[Rival] = field(default_factory=list)

    def beside(self, sha256: str) -> "tuple[HeldOut, HeldOut] | None":
        """Return what a rival says of the rows that were new to it, and what this model does.

        None where it was not asked.
        """
        for one in self.rivals:
            if one.sha256 == sha256:
                mine = self._some(one.places)
                return replace(mine, predicted=one.predicted, threshold=one.threshold), mine
        return None

    def _some(self, places: Array) -> "HeldOut":
        return replace(
            self,
            keys=self.keys[places],
            truth=self.truth[places],
            predicted=self.predicted[places],
            units=None if self.units is None else self.units[places],
            rivals=[],
        )

    def to_bytes(self) -> bytes:
        """Return it as an NPZ file; probabilities are kept as float32, as models give them."""
        rivals = [_AboutRival(one.sha256, one.threshold) for one in self.rivals]
        about = msgspec.json.encode(_About(self.task, self.labels, self.threshold, rivals))
        arrays: dict[str, Any] = {
            "keys": self.keys.astype(np.uint64),
            "truth": self.truth,
            "predicted": self._kept(self.predicted),
            "about": np.frombuffer(about, dtype=np.uint8),
        }
        if self.units is not None:
            arrays["units"] = self.units.astype(np.uint64)
        for number, one in enumerate(self.rivals):
            arrays[f"places{number}"] = one.places.astype(np.int64)
            arrays[f"predicted{number}"] = self._kept(one.predicted)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    def _kept(self, predicted: Array) -> Array:
        return predicted.astype(np.float32) if self.labels else predicted


def from_bytes(data: bytes) -> HeldOut:
    """Return what `to_bytes` gave; nothing in it is ever run.

    Raises:
        Unreadable: it is not what `to_bytes` gives.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            about = msgspec.json.decode(file["about"].tobytes(), type=_About)
            keys, truth, predicted = file["keys"], file["truth"], file["predicted"]
            units = file.get("units")
            rivals = [
                Rival(one.sha256, file[f"places{at}"], file[f"predicted{at}"], one.threshold)
                for at, one in enumerate(about.rivals)
            ]
    except Exception as error:  # zip's, numpy's and msgspec's have no common base
        raise Unreadable(f"Not held-out predictions: {error}") from error
    known = [one for one in (keys, truth, predicted, units) if one is not None]
    if len({len(one) for one in known}) != 1:
        raise Unreadable("Not held-out predictions: keys, truth and predictions differ in length.")
    if not all(_fits(one, predicted) for one in rivals):
        raise Unreadable("Not held-out predictions: those of another model are of other rows.")
    return HeldOut(about.task, keys, truth, predicted, about.labels, about.threshold, units, rivals)


def _fits(rival: Rival, predicted: Array) -> bool:
    places = rival.places
    if not np.issubdtype(places.dtype, np.integer) or places.ndim != 1:
        return False
    inside = not len(places) or (places.min() >= 0 and places.max() < len(predicted))
    return bool(inside) and rival.predicted.shape == (len(places), *predicted.shape[1:])
