"""What a model gives for the rows of a block: all at once where all fit, else one by one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from functions.kit.contract.columns import Column
from functions.kit.contract.errors import DomainError, told
from functions.prediction.model.tables import Rows
from functions.prediction.model.values import arrow
from functions.prediction.model.values.cells import READERS
from functions.prediction.service.batches.ports import Outcome
from functions.prediction.service.ports import Predictor

Columns = Mapping[str, pa.Array]


def predict(predictor: Predictor, rows: int, columns: Columns, *, are_cells: bool) -> Outcome:
    """Predict for a block; a row that does not fit has a problem, and spoils no other.

    Args:
        predictor: the version.
        rows: of the block.
        columns: those that the model knows, by name.
        are_cells: whether they are the texts of a CSV file.
    """
    kinds = {one.name: one for one in predictor.version.signature.columns if one.name in columns}
    plain = columns if are_cells else {name: arrow.plain(name, columns[name]) for name in kinds}
    table = None if are_cells else arrow.as_table(rows, plain, kinds, predictor.tables)
    try:
        if table is not None:
            return _outcome(predictor, table)
        records = predictor.reader.convert(_records(plain, kinds, rows, are_cells=are_cells))
        return _outcome(predictor, records)
    except DomainError:
        return _one_by_one(predictor, _records(plain, kinds, rows, are_cells=are_cells))


def _records(
    columns: Columns, kinds: Mapping[str, Column], rows: int, *, are_cells: bool
) -> list[dict[str, Any]]:
    if not are_cells:
        return arrow.as_records(columns, kinds, rows)
    cells = {
        name: [READERS[column.kind](cell or "") for cell in columns[name].to_pylist()]
        for name, column in kinds.items()
    }
    return arrow.records_of(cells, rows)


def _one_by_one(predictor: Predictor, records: list[dict[str, Any]]) -> Outcome:
    found, problems = {}, {}
    for place, record in enumerate(records):
        try:
            found[place] = predictor.predict(predictor.reader.convert([record]))
        except DomainError as error:
            problems[place] = _reason(error)
    width = len(predictor.version.signature.labels) or 1
    output = np.full((len(records), width), np.nan)
    spread = np.full((len(records), 1), np.nan) if predictor.certain.needs_spread else None
    for place, one in found.items():
        output[place] = one.output[0]
        if spread is not None and one.spread is not None:
            spread[place] = one.spread[0]
    return Outcome(output, spread, problems)


def _outcome(predictor: Predictor, rows: Rows) -> Outcome:
    found = predictor.predict(rows)
    return Outcome(found.output, found.spread, {})


def _reason(error: DomainError) -> str:
    """Return what is wrong with a row; which row it is, stands beside it."""
    flaws = [told(replace(flaw, row=None)) for flaw in error.flaws]
    return "; ".join(flaws) or error.detail
