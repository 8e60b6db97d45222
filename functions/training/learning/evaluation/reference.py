"""What the rows were like that a model learnt from, kept so that drift can be looked for later."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from functions.kit.contract.measures.held_out import HeldOut
from functions.kit.contract.models.reference import (
    FALSE,
    LONGEST_WORD,
    SAMPLE,
    TRUE,
    ColumnReference,
    Numbers,
    Reference,
    Served,
    Words,
    counted,
    numbers_of,
    sample_of,
    words_of,
)
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.contract.telemetry.predictions import Value
from functions.training.learning.table import Table

MOST_ROWS = 200_000
"""Of a larger table, so many are drawn."""
_NUMERIC: set[Kind] = {"number", "integer"}
_MOMENTS: set[Kind] = {"datetime", "date"}


def reference_of(
    table: Table,
    signature: Signature,
    held_out: HeldOut,
    seed: int,
    served: HeldOut | None = None,
) -> Reference:
    """Return what a model's columns were like, and what it said of rows that it had not seen.

    Args:
        table: the snapshot.
        signature: of the model; rows without a target took no part.
        held_out: what it predicted for those rows.
        seed: of the rows that are drawn where there are many, and of those that are kept.
        served: what is predicted for the same rows by the file that serves, if that is another.
    """
    kept = np.flatnonzero(pc.is_valid(table.arrow(signature.target)).to_numpy(zero_copy_only=False))
    if len(kept) > MOST_ROWS:
        kept = np.sort(np.random.default_rng(seed).choice(kept, MOST_ROWS, replace=False))
    rows = table if len(kept) == table.rows else table.take(kept)
    columns = [_column(rows, column) for column in signature.columns]
    words, values = _answers(held_out)
    beside = None if served is None or values is None else _served(served, values)
    sample = _sample(rows, signature, seed)
    return Reference(len(kept), columns, words, values, sample, beside)


def _sample(table: Table, signature: Signature, seed: int) -> dict[str, list[Value]]:
    """Return some rows as the log of predictions would have them."""
    places = np.random.default_rng(seed).permutation(table.rows)[:SAMPLE]
    drawn = table.take(places)
    return sample_of(
        {one.name: _logged(drawn, one) for one in signature.columns if not one.sensitive}
    )


def _logged(table: Table, column: Column) -> list[Value]:
    values: list[Any] = table.arrow(column.name).to_pylist()
    if column.kind not in _MOMENTS:
        return values
    return [None if one is None else one.isoformat() for one in values]


def _column(table: Table, column: Column) -> ColumnReference:
    values = table.arrow(column.name)
    numbers = words = None
    if not column.sensitive:  # its values are nobody's to read
        numbers, words = _numbers(table, column), _words(values, column.kind)
    return ColumnReference(column.name, column.kind, len(values), values.null_count, numbers, words)


def _numbers(table: Table, column: Column) -> Numbers | None:
    if column.kind in _NUMERIC:
        return numbers_of(table.array(column.name))
    if column.kind in _MOMENTS:
        moments = table.arrow(column.name).cast(pa.timestamp("us")).drop_null()
        return numbers_of(np.asarray(moments.cast(pa.int64()), np.float64) / 1e6)
    if column.kind == "text":
        lengths = pc.utf8_length(table.arrow(column.name).drop_null())
        return numbers_of(np.asarray(lengths, np.float64))
    return None


def _words(values: pa.Array, kind: Kind) -> Words | None:
    if kind not in {"category", "boolean"}:
        return None
    counts = pc.value_counts(values.drop_null())
    texts = counts.field("values").to_pylist()
    if kind == "boolean":
        texts = [TRUE if one else FALSE for one in texts]
    if not texts or max(map(len, texts)) > LONGEST_WORD:
        return None
    return words_of(texts, counts.field("counts").to_pylist())


def _served(served: HeldOut, known: Numbers) -> Served | None:
    counts, values = _counted(served)
    some = values[np.isfinite(values)]
    if len(some) == 0:
        return None
    bins = counted(known.edges, some).tolist()
    return Served(counts, bins, float(some.min()), float(some.max()))


def _counted(held_out: HeldOut) -> tuple[dict[str, int], NDArray[np.float64]]:
    """Return rows by label, and the probability of each row's; of a regression its values alone."""
    if not held_out.labels:
        return {}, np.asarray(held_out.predicted, np.float64)
    places = _said(held_out.predicted, held_out.threshold)
    probabilities = held_out.predicted[np.arange(len(places)), places]
    counts = np.bincount(places, minlength=len(held_out.labels)).tolist()
    return dict(zip(held_out.labels, counts, strict=True)), np.asarray(probabilities, np.float64)


def _answers(held_out: HeldOut) -> tuple[Words | None, Numbers | None]:
    counts, values = _counted(held_out)
    if not counts:
        return None, numbers_of(values)
    said = [pair for pair in counts.items() if pair[1]]
    # A label that was never said of held-out rows is none that is new.
    labels = words_of([one for one, _ in said], [count for _, count in said])
    unsaid = {one: 0 for one in held_out.labels if one not in labels.counts}
    whole = Words(labels.counts | unsaid, labels.rest, labels.once, labels.is_whole)
    return whole, numbers_of(values)


def _said(probabilities: NDArray[Any], threshold: float | None) -> NDArray[np.int64]:
    """Return the places of the labels that are said, as `prediction` decides it."""
    if threshold is not None and probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    found: NDArray[np.int64] = np.argmax(probabilities, axis=1)
    return found
