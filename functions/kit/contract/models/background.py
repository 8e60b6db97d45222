"""Background rows: what a model's predictions are explained against, kept beside its file."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from functions.kit.contract.models.features import Inputs
from functions.kit.contract.models.signature import Encoding, Signature
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

EXACT_COLUMNS = 10
"""In how many columns a row may differ from a background row for all coalitions to count."""
LEAST_PAIRS = 4
"""Of orders of columns that are drawn where there are more, one the other reversed."""

MOST_ROWS = 64
MOST_EFFORT = 65_536
MOST_BYTES = 4 * 1024 * 1024
"""What the file may be, packed."""
MOST_UNPACKED = 16 * 1024 * 1024

_DTYPES: dict[Encoding, str] = {"float": "float32", "double": "float64"}


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with bytes that were given
    """The bytes are no background rows; the text says why."""


class _About(msgspec.Struct, forbid_unknown_fields=True):
    """What is not an array of numbers; numpy would cut texts that end in NUL."""

    rows: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)]
    effort: Annotated[int, msgspec.Meta(ge=1, le=MOST_EFFORT)]
    texts: dict[str, list[str]]


@dataclass(frozen=True)
class Background:
    """Rows that stand for all that a model learnt from; each counts alike.

    Attributes:
        inputs: ONNX input → its values as the model takes them, [rows, 1].
        effort: how many rows the model may be run on to explain one, where that can be chosen.
    """

    inputs: Inputs
    effort: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.inputs.values())))

    def to_bytes(self) -> bytes:
        """Return it as an NPZ file."""
        flat = {name: values[:, 0] for name, values in self.inputs.items()}
        texts = {name: one.tolist() for name, one in flat.items() if one.dtype == object}
        about = msgspec.json.encode(_About(self.rows, self.effort, texts))
        arrays: dict[str, Any] = {"about": np.frombuffer(about, dtype=np.uint8)}
        arrays |= {f"x{name}": one for name, one in flat.items() if name not in texts}
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()


def from_bytes(data: bytes, signature: Signature) -> Background:
    """Return what `to_bytes` gave for a model with this signature; nothing in it is ever run.

    Raises:
        Unreadable: it is not what `to_bytes` gives.
    """
    try:
        _check_size(data)
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            about = msgspec.json.decode(file["about"].tobytes(), type=_About)
            inputs = {
                one.input: _input(one.encoding, about.texts.get(one.input), file, one.input)
                for one in signature.features
            }
    except Exception as error:  # zip's, numpy's and msgspec's have no common base
        raise Unreadable(f"Not background rows: {error}") from error
    if any(one.shape != (about.rows, 1) for one in inputs.values()):
        raise Unreadable("Not background rows: the inputs differ in length.")
    return Background(inputs, about.effort)


def _check_size(data: bytes) -> None:
    """Raise ValueError or BadZipFile where it is not to be unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        size = sum(part.file_size for part in parts.infolist())
    if size > MOST_UNPACKED:
        raise ValueError(f"unpacked they take {size:,} bytes of {MOST_UNPACKED:,}")


def _input(encoding: Encoding, texts: Sequence[str] | None, file: Any, name: str) -> Any:
    """Return an input as the model takes it."""
    if encoding in _DTYPES:
        return np.asarray(file[f"x{name}"], dtype=_DTYPES[encoding]).reshape(-1, 1)
    if texts is None:
        raise KeyError(name)
    return np.array(texts, dtype=object).reshape(-1, 1)


def players(signature: Signature) -> dict[str, list[str]]:
    """Return for each column that a model looks at the inputs that it became.

    An explanation is of columns: all inputs of one are the record's, or a background row's.
    """
    found: dict[str, list[str]] = {}
    for feature in signature.features:
        found.setdefault(feature.column, []).append(feature.input)
    return found


def differing(signature: Signature, inputs: Inputs, background: Inputs) -> Any:
    """Tell in which columns rows differ from background rows, as far as the model can see.

    Returns:
        bool [rows, background rows, columns], in the order of `players`.
    """
    columns = players(signature).values()
    return np.stack([_differ(inputs, background, names) for names in columns], axis=-1)


def _differ(inputs: Inputs, background: Inputs, names: Sequence[str]) -> Any:
    return np.any([_unequal(inputs[name], background[name]) for name in names], axis=0)


def _unequal(values: Any, others: Any) -> Any:
    """Return where [rows, 1] and [others, 1] differ: [rows, others]; a NaN is like another."""
    found = (values != others.T).astype(bool)
    if values.dtype == object:
        return found
    return found & ~(np.isnan(values) & np.isnan(others.T))


def runs(count: Any) -> Any:
    """Return how many rows a model is run on at least, where a row differs in `count` columns."""
    sampled = 2 * LEAST_PAIRS * (count - 1)
    return np.where(count <= EXACT_COLUMNS, 2 ** np.minimum(count, EXACT_COLUMNS), sampled)
