"""Explains predictions by what the model says of records mixed with its background rows."""

import hashlib
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import UNSET

from functions.kit.contract.errors import Away, Failed
from functions.kit.contract.models.background import (
    Background,
    Unreadable,
    differing,
    from_bytes,
    players,
)
from functions.kit.contract.models.features import Array, Inputs
from functions.kit.contract.models.registration import Version
from functions.kit.lazy import Lazy
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.explanations import (
    Explanation,
    check_count,
    explanation,
    shower,
    unexplainable,
)
from functions.prediction.model.mixtures import Added, Comparison, Mixer
from functions.prediction.model.responses import column_chooser
from functions.prediction.model.tables import Rows
from functions.prediction.service.ports import GetFile, Predictor

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

ROWS_A_RUN = 4096
"""Most rows that a model is run on at once: what it holds meanwhile is in memory for so many."""


class _Known(NamedTuple):
    """What a version's records are explained against.

    Attributes:
        background: its rows.
        output: what the model says of them, float64 [rows, labels], or [rows, 1].
        columns: that the model looks at.
        show: what gives a record's values in these.
    """

    background: Background
    output: Array
    columns: Sequence[str]
    show: Callable[[Rows, int], Sequence[Any]]


class Explainer:
    """Explains what versions predict; the background rows of one are read once while it is held.

    Args:
        file: gives the bytes of a version's files.
    """

    def __init__(self, file: GetFile) -> None:
        self._file = file
        self._known: weakref.WeakKeyDictionary[Predictor, _Known] = weakref.WeakKeyDictionary()

    def explain(
        self, predictor: Predictor, rows: Rows, inputs: Inputs, output: Array
    ) -> Sequence[Explanation]:
        """Return why each of some rows was predicted as it was.

        Args:
            predictor: what predicted.
            rows: what it was asked.
            inputs: the ONNX inputs for them.
            output: what it gave.

        Raises:
            Invalid: there are too many rows.
            Conflict: the version has no background rows.
            Away: they cannot be read.
            Failed: the model fails at a mixture.
        """
        check_count(len(rows))
        known, signature = self._known_of(predictor), predictor.version.signature
        call = _Call(predictor, known, inputs)
        labels, found = signature.labels, []
        places = column_chooser(signature)(output) if labels else np.zeros(len(rows), np.intp)
        for row, place in enumerate(places.tolist()):
            added = call.added(row, place, float(output[row, place]))
            label = labels[place] if labels else UNSET
            base = float(known.output[:, place].mean())
            values = zip(known.columns, known.show(rows, row), strict=True)
            found.append(explanation(label, base, [*values], added))
        return found

    def _known_of(self, predictor: Predictor) -> _Known:
        known = self._known.get(predictor)
        if known is None:
            background = self._background(predictor.version)
            output = predictor.run(background.inputs).astype(np.float64)
            signature = predictor.version.signature
            columns = [*players(signature)]
            known = _Known(background, output, columns, shower(signature, columns))
            self._known[predictor] = known
        return known

    def _background(self, version: Version) -> Background:
        if version.background is None:
            raise unexplainable(version)
        try:
            return from_bytes(self._file(version.background), version.signature)
        except (Unloadable, Unreadable) as error:
            which = f"version {version.version} of '{version.model}'"
            raise Away(f"The background rows of {which} cannot be loaded: {error}.") from error


class _Call:
    """Records of one call, beside the background rows.

    Args:
        predictor: what predicted.
        known: of its version.
        inputs: of the records.
    """

    def __init__(self, predictor: Predictor, known: _Known, inputs: Inputs) -> None:
        signature, against = predictor.version.signature, known.background.inputs
        self._predictor, self._known, self._inputs = predictor, known, inputs
        self._mixer = Mixer(signature, inputs, against)
        self._differ = differing(signature, inputs, against)

    def added(self, row: int, label: int, answer: float) -> Added:
        """Return what each column adds to what is said of a record: by the places of both."""
        seed = _seed(self._predictor.version, self._inputs, row)
        compared = Comparison(self._differ[row], self._known.background.effort, seed)

        def ask(backgrounds: Array, masks: Array) -> Array:
            return self._worth(row, label, backgrounds, masks)

        return compared.added(ask, ROWS_A_RUN, self._known.output[:, label], answer)

    def _worth(self, row: int, label: int, backgrounds: Array, masks: Array) -> Array:
        """Return what the model says of a record's mixtures, float64 [mixtures]."""
        worth = np.empty(len(masks))
        for begin in range(0, len(worth), ROWS_A_RUN):
            part = slice(begin, begin + ROWS_A_RUN)
            mixed = self._mixer.mix(row, backgrounds[part], masks[part])
            try:
                worth[part] = self._predictor.run(mixed)[:, label]
            except Failed as error:
                detail = f"Record {row + 1} cannot be explained; of a mixture: {error.detail}"
                raise Failed(detail) from error
        return worth


def _seed(version: Version, inputs: Inputs, row: int) -> int:
    """Return what is drawn by: the same question has the same answer."""
    origin = version.function if version.file is None else version.file.sha256
    found = hashlib.blake2b(str(origin).encode(), digest_size=8)
    for name, values in inputs.items():
        value = values[row, 0]
        found.update(f"\n{name}\n".encode())
        found.update(value.encode() if isinstance(value, str) else value.tobytes())
    return int.from_bytes(found.digest())
