"""Sets of labels as a column of Arrow's, made without a look at each row."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from functions.kit.contract.models.features import Array


def sets_of(inside: Array, labels: Sequence[str], are_missing: Array | None = None) -> pa.Array:
    """Return each row's labels: lists of texts.

    Args:
        inside: which labels are in its set, [rows, labels].
        labels: all of them.
        are_missing: rows that have none, which is not an empty one, [rows]; None for no row.
    """
    ends = np.concatenate(([0], np.cumsum(inside.sum(axis=1)))).astype(np.int32)
    words = pa.array(labels, pa.string()).take(pa.array(np.nonzero(inside)[1]))
    mask = None if are_missing is None else pa.array(are_missing)
    return pa.ListArray.from_arrays(ends, words, mask=mask)
