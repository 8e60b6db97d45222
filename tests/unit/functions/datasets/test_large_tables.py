"""How long lists of many rows take."""

import json
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from functions.datasets.adapters.tables.arrow_table import BLOCK, ArrowTable
from functions.datasets.adapters.tables.blocks import Block
from functions.datasets.adapters.tables.schema import table_schema
from functions.datasets.model.queries import query
from functions.datasets.model.queries.query import Asked
from functions.kit.contract.records.columns import Column

ROWS = 500_000
COLUMNS = [Column("sku", "text"), Column("n", "number"), Column("c", "category")]


@pytest.fixture(scope="module")
def table() -> ArrowTable:
    draw = np.random.default_rng(3)
    arrays: list[Any] = [
        np.arange(1, ROWS + 1),
        np.ones(ROWS, np.int64),
        [f"S{row:05d}" for row in range(ROWS)],
        draw.normal(size=ROWS),
        draw.choice(["low", "middle", "high"], ROWS),
    ]
    whole = pa.table(arrays, schema=table_schema(COLUMNS))
    return ArrowTable(1, COLUMNS, [Block(one) for one in whole.to_batches(max_chunksize=BLOCK)])


def seconds(table: ArrowTable, asked: Asked) -> tuple[float, list[str]]:
    """Return the processor's time that a page takes, the least of three, and the ids on it."""
    took = []
    for _ in range(3):
        begun = time.process_time()
        found = table.page(query.read(asked, COLUMNS), None, 51)
        took.append(time.process_time() - begun)
    return min(took), [record.id for record in found]


def test_one_of_half_a_million_rows_is_found_within_100_ms(table: ArrowTable) -> None:
    took, ids = seconds(table, Asked(("sku==S00042",)))
    assert (took < 0.1, ids) == (True, ["000000043"]), took


@pytest.mark.parametrize("sort", ["", "n", "-sku", "c,-n"])
@pytest.mark.parametrize(
    "where",
    [
        None,
        {"column": "n", "op": ">", "value": 100},
        {"column": "sku", "op": "contains", "value": "99999"},
        {
            "or": [
                {"column": "c", "op": "in", "value": ["low"]},
                {"column": "n", "op": "<", "value": 0},
            ]
        },
    ],
)
def test_no_page_of_half_a_million_rows_takes_a_second(
    table: ArrowTable, where: Any, sort: str
) -> None:
    took, _ = seconds(table, Asked((), None if where is None else json.dumps(where), sort))
    assert took < 1
