"""Explains predictions by what the model says of records mixed with its background rows."""

import hashlib
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.contract.background import (
    Background,
    Unreadable,
    differing,
    from_bytes,
    players,
)
from functions.kit.contract.errors import Away, Failed
from functions.kit.contract.features import Array, Inputs
from functions.kit.contract.registration import Version
from functions.kit.lazy import Lazy
from functions.prediction.model.errors import Unloadable
from functions.prediction.model.explanations import (
    Explanation,
    check_count,
    contributions,
    shower,
    unexplainable,
)
from functions.prediction.model.mixtures import Comparison, Mixer
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
    """

    background: Background
    output: Array


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
        background = known.background
        mixer = Mixer(signature, inputs, background.inputs)
        differ = differing(signature, inputs, background.inputs)
        labels, columns = signature.labels, [*players(signature)]
        show, found = shower(signature, columns), []
        places = column_chooser(signature)(output) if labels else np.zeros(len(rows), np.intp)
        for row, place in enumerate(places.tolist()):
            seed = _seed(predictor.version, inputs, row)
            compared = Comparison(differ[row], background.effort, seed)
            worth = _worth(predictor, mixer, compared, row)[:, place]
            nobody, everybody = known.output[:, place], float(output[row, place])
            added = compared.added(worth, nobody, everybody)
            shown = [*zip(columns, show(rows, row), strict=True)]
            label = {"label": labels[place]} if labels else {}
            found.append(
                Explanation(
                    **label,
                    base=float(nobody.mean()),
                    columns=contributions(shown, added),
                    exact=added.errors is None,
                )
            )
        return found

    def _known_of(self, predictor: Predictor) -> _Known:
        known = self._known.get(predictor)
        if known is None:
            background = self._background(predictor.version)
            output = predictor.run(background.inputs).astype(np.float64)
            known = self._known[predictor] = _Known(background, output)
        return known

    def _background(self, version: Version) -> Background:
        if version.background is None:
            raise unexplainable(version)
        try:
            return from_bytes(self._file(version.background), version.signature)
        except (Unloadable, Unreadable) as error:
            which = f"version {version.version} of '{version.model}'"
            raise Away(f"The background rows of {which} cannot be loaded: {error}.") from error


def _worth(predictor: Predictor, mixer: Mixer, compared: Comparison, row: int) -> Array:
    """Return what the model says of a row's mixtures, float64 [mixtures, labels]."""
    parts = []
    for begin in range(0, len(compared.masks), ROWS_A_RUN):
        part = slice(begin, begin + ROWS_A_RUN)
        mixed = mixer.mix(row, compared.backgrounds[part], compared.masks[part])
        try:
            parts.append(predictor.run(mixed))
        except Failed as error:
            detail = f"Record {row + 1} cannot be explained; of a mixture: {error.detail}"
            raise Failed(detail) from error
    whole = np.concatenate(parts) if parts else np.empty((0, len(predictor.version.signature.labels) or 1))
    return whole.astype(np.float64)


def _seed(version: Version, inputs: Inputs, row: int) -> int:
    """Return what is drawn by: the same question has the same answer."""
    found = hashlib.blake2b(version.file.sha256.encode(), digest_size=8)
    for name, values in inputs.items():
        value = values[row, 0]
        found.update(f"\n{name}\n".encode())
        found.update(value.encode() if isinstance(value, str) else value.tobytes())
    return int.from_bytes(found.digest())
