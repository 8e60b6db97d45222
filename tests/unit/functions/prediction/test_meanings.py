"""A value means the same as JSON and as a tensor, alone and among many."""

from typing import Any, get_args

import msgspec
import numpy as np
import pytest

from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.features import Inputs, column_encoder, encoder
from functions.kit.contract.records.columns import Kind
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import Rows, Table, TableReader
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import InputTensor
from functions.prediction.transport.open_inference.tensors import raw_bytes
from tests.support.rows.meanings import MEANINGS, Refused, forms, signature

MANY = mapping.LEAST_ROWS + 4
COUNTS = [1, MANY]


class House:
    """What reads for a model of one column, and what it gives the model."""

    def __init__(self, kind: Kind) -> None:
        self.signature = signature(kind)
        self.reader = Reader(self.signature.columns)
        self.tables = TableReader(self.signature)

    def encoded(self, rows: Rows) -> Inputs:
        if isinstance(rows, Table):
            return column_encoder(self.signature)(rows.rows, rows.columns)
        return encoder(self.signature)(rows)

    def meant(self, value: Any, count: int) -> Inputs:
        """Return what the model is given for a value that a record holds."""
        records = msgspec.convert([{"x": value}] * count, list[self.reader._one])  # type: ignore[name-defined] # made there
        return self.encoded(records)

    def tensor(self, datatype: str, value: Any, count: int, raw: bool) -> Rows:
        """Return the rows of an input that holds a value so often."""
        tensor = InputTensor("x", [count, 1], datatype)
        if raw:
            data = raw_bytes(datatype, [value] * count)
            table = mapping.table(self.tables, [tensor], [data])
            if table is not None:
                return table
            return self.reader.convert(mapping.rows(self.signature, [tensor], [data]))
        tensor.data = [None if value != value else value] * count
        return self.reader.convert(mapping.rows(self.signature, [tensor], [None]))


HOUSES = {kind: House(kind) for kind in get_args(Kind)}


def check(house: House, rows: Any, means: Any, count: int) -> None:
    """Hold what reads rows to what they mean."""
    if means is Refused:
        with pytest.raises(DomainError) as caught:
            rows()
        assert caught.value.detail
        return
    found = rows()
    assert len(found) == count
    [given], [wanted] = house.encoded(found).values(), house.meant(means, count).values()
    assert given.dtype == wanted.dtype
    np.testing.assert_array_equal(given, wanted)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("kind", "written", "means"), forms("json"))
def test_in_json(kind: Kind, written: str, means: Any, count: int) -> None:
    house = HOUSES[kind]
    row = '{"x": ' + written + "}"
    body = '{"records": [' + ",".join([row] * count) + "]}"
    check(house, lambda: house.reader.read(body.encode()), means, count)


@pytest.mark.parametrize("raw", [True, False], ids=["bytes", "json"])
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize(("kind", "written", "means"), forms("tensors"))
def test_in_tensors(
    kind: Kind, written: tuple[str, Any], means: Any, count: int, raw: bool
) -> None:
    house = HOUSES[kind]
    check(house, lambda: house.tensor(*written, count, raw), means, count)


def test_every_kind_has_values_missing_ones_and_such_that_are_refused() -> None:
    for kind in get_args(Kind):
        means = [one.means for one in MEANINGS if one.kind == kind]
        assert None in means
        assert Refused in means
        assert len(set(map(type, means))) >= 3
