"""What a model predicted for its held-out rows, kept so that another can be compared on them."""

import io
from dataclasses import dataclass, field
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


class _About(msgspec.Struct):
    """What is not an array."""

    task: Task
    labels: list[str]
    threshold: float | None


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
    """

    task: Task
    keys: Array
    truth: Array
    predicted: Array
    labels: list[str] = field(default_factory=list)
    threshold: float | None = None
    units: Array | None = None

    def to_bytes(self) -> bytes:
        """Return it as an NPZ file; probabilities are kept as float32, as models give them."""
        about = msgspec.json.encode(_About(self.task, self.labels, self.threshold))
        predicted = self.predicted.astype(np.float32) if self.labels else self.predicted
        arrays: dict[str, Any] = {
            "keys": self.keys.astype(np.uint64),
            "truth": self.truth,
            "predicted": predicted,
            "about": np.frombuffer(about, dtype=np.uint8),
        }
        if self.units is not None:
            arrays["units"] = self.units.astype(np.uint64)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()


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
    except Exception as error:  # zip's, numpy's and msgspec's have no common base
        raise Unreadable(f"Not held-out predictions: {error}") from error
    known = [one for one in (keys, truth, predicted, units) if one is not None]
    if len({len(one) for one in known}) != 1:
        raise Unreadable("Not held-out predictions: keys, truth and predictions differ in length.")
    return HeldOut(about.task, keys, truth, predicted, about.labels, about.threshold, units)
