"""What a model gives for the rows of a block: all at once where all fit, else one by one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from functions.kit.contract.errors import DomainError, told
from functions.prediction.model.tables import Rows
from functions.prediction.model.values import arrow, arrow_types, cells, columns
from functions.prediction.service.batches.ports import Outcome
from functions.prediction.service.ports import Predictor

Columns = Mapping[str, pa.Array]


def predict(predictor: Predictor, rows: int, known: Columns, *, are_cells: bool) -> Outcome:
    """Predict for a block; a row that does not fit has a problem, and spoils no other.

    Args:
        predictor: the version.
        rows: of the block.
        known: the columns that the model knows, by name.
        are_cells: whether they are the texts of a CSV file.
    """
    return (_of_cells if are_cells else _of_values)(predictor, rows, known)


def _of_cells(predictor: Predictor, rows: int, known: Columns) -> Outcome:
    kinds = {one.name: one.kind for one in predictor.version.signature.columns}
    values = {name: cells.values(kinds[name], column.to_pylist()) for name, column in known.items()}
    try:
        return _outcome(predictor, columns.rows_of(values, rows, predictor.reading))
    except DomainError:
        return _one_by_one(predictor, columns.records_of(values, rows))


def _of_values(predictor: Predictor, rows: int, known: Columns) -> Outcome:
    kinds = {one.name: one for one in predictor.version.signature.columns if one.name in known}
    plain = {name: arrow_types.plain(name, pa.chunked_array([known[name]])) for name in kinds}
    table = arrow.as_table(rows, plain, kinds, predictor.tables)
    try:
        if table is not None:
            return _outcome(predictor, table)
        records = arrow.as_records(plain, kinds, rows)
        return _outcome(predictor, predictor.reader.convert(records))
    except DomainError:
        return _one_by_one(predictor, arrow.as_records(plain, kinds, rows))


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
