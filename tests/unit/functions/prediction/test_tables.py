"""Many rows as columns: what is read without records is what records would have given."""

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.features import column_encoder, encoder
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.prediction.model.records import Reader
from functions.prediction.model.tables import TableReader, Texts
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.elements import split
from functions.prediction.transport.open_inference.messages import InputTensor
from functions.prediction.transport.open_inference.tensors import DTYPES, raw_bytes

ROWS = mapping.LEAST_ROWS
SIGNATURE = Signature(
    task="binary",
    target="y",
    columns=[
        Column("amount", "number", minimum=-1e6),
        Column("share", "number", maximum=1),
        Column("rooms", "integer", required=True, minimum=-2.5, maximum=2.0**60),
        Column("owns", "boolean"),
        Column("sex", "category", levels=["female", "male", "é"]),
        Column("town", "category"),
        Column("note", "text"),
        Column("born", "date"),
    ],
    features=[
        Feature("amount", "x0", "float"),
        Feature("share", "x1", "double"),
        Feature("rooms", "x2", "float"),
        Feature("owns", "x3", "double"),
        Feature("sex", "x4", "string", levels=["female", "male"]),
        Feature("town", "x5", "string"),
        Feature("note", "x6", "words"),
        Feature("born", "x7", "double"),
    ],
    labels=["0", "1"],
)
READER, TABLES = Reader(SIGNATURE.columns), TableReader(SIGNATURE)


def column(draw: Any, name: str, values: Any, datatypes: list[str]) -> tuple[InputTensor, bytes]:
    datatype = draw(st.sampled_from(datatypes))
    found = draw(st.lists(values, min_size=ROWS, max_size=ROWS))
    if datatype != "BYTES":
        dtype = np.dtype(DTYPES[datatype])
        with np.errstate(all="ignore"):
            found = np.array(found, np.float64).astype(dtype)
    tensor = InputTensor(name, draw(st.sampled_from([[ROWS], [ROWS, 1]])), datatype)
    return tensor, raw_bytes(datatype, found)


few = st.sampled_from([0.0, -0.0, 1.0, float("nan")])
numbers = st.one_of(few, st.integers(-5, 5), st.floats(width=32), st.floats())
usual = st.one_of(few, st.integers(-2, 100).map(float), st.floats(-1e3, 1.0, width=32))
whole = st.integers(-2, 1000) | st.sampled_from([2**31, 2**60, float("nan")])
words = st.sampled_from(["", "female", "male", "é"])
texts = st.one_of(words, st.text(max_size=80), st.just("x" * 300))


@st.composite
def calls(draw: Any) -> list[tuple[InputTensor, bytes]]:
    """Give the inputs of a call, most of which fit."""
    some = ["FP32", "FP64", "FP16"]
    odd = draw(st.integers(0, 9)) == 0
    named: dict[str, Any] = {
        "amount": (numbers if odd else usual, [*some, "BOOL", "UINT8"] if odd else some),
        "x1": (numbers if odd else few, some),
        "rooms": (numbers if odd else whole, ["FP64"] if odd else ["INT64", "INT32", "FP64"]),
        "owns": (numbers if odd else few, ["BOOL", "FP32", "INT8"]),
        "sex": (texts if odd else words, ["BYTES"]),
        "town": (texts, ["BYTES"]),
        "note": (texts, ["BYTES"]),
        "born": (st.sampled_from(["", "2024-03-01"]), ["BYTES"]),
        "colour": (words, ["BYTES"]),
    }
    usually = ["amount", "x1", "rooms", "owns", "sex", "town", "note"]
    names = [*named] if odd else usually
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=7, unique=not odd))
    if not odd and "rooms" not in chosen:
        chosen.append("rooms")
    return [column(draw, name, *named[name]) for name in chosen]


def by_records(inputs: list[InputTensor], raws: list[bytes]) -> Any:
    with np.errstate(all="ignore"):
        return encoder(SIGNATURE)(READER.convert(mapping.rows(SIGNATURE, inputs, raws)))


@settings(max_examples=150, deadline=None)
@given(calls())
def test_a_table_gives_what_records_give(call):
    inputs, raws = [tensor for tensor, _ in call], [raw for _, raw in call]
    table = mapping.table(TABLES, inputs, raws)
    if table is None:
        return
    with np.errstate(all="ignore"):
        found = column_encoder(SIGNATURE)(table.rows, table.columns)
    wanted = by_records(inputs, raws)
    assert {name: one.dtype for name, one in found.items()} == {
        name: one.dtype for name, one in wanted.items()
    }
    for name, one in wanted.items():
        np.testing.assert_array_equal(found[name], one)


def tensors(**changes: tuple[str, list[Any]]) -> tuple[list[InputTensor], list[bytes]]:
    """Return inputs that fit, each of which may be another."""
    values: dict[str, tuple[str, list[Any]]] = {
        "amount": ("FP32", [1.5] * ROWS),
        "rooms": ("INT64", [2] * ROWS),
        "sex": ("BYTES", ["male", ""] * (ROWS // 2)),
        **changes,
    }
    inputs = [InputTensor(name, [ROWS], kind) for name, (kind, _) in values.items()]
    return inputs, [raw_bytes(kind, found) for kind, found in values.values()]


def test_what_fits_is_a_table():
    assert mapping.table(TABLES, *tensors()) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"amount": ("FP32", [float("inf")] * ROWS)},
        {"amount": ("FP64", [-1e7] * ROWS)},
        {"amount": ("BOOL", [True] * ROWS)},
        {"amount": ("FP64", [1e39] * ROWS)},
        {"rooms": ("FP64", [0.5] * ROWS)},
        {"rooms": ("INT64", [-3] * ROWS)},
        {"rooms": ("UINT64", [2**63] * ROWS)},
        {"owns": ("INT8", [2] * ROWS)},
        {"sex": ("BYTES", ["x"] * ROWS)},
        {"note": ("INT8", [1] * ROWS)},
        {"colour": ("BYTES", ["red"] * ROWS)},
    ],
)
def test_what_does_not_fit_is_for_records_to_refuse(change):
    inputs, raws = tensors(**change)
    assert mapping.table(TABLES, inputs, raws) is None
    with pytest.raises(DomainError):
        by_records(inputs, raws)


def test_a_column_that_must_be_there_is_for_records_to_miss():
    inputs, raws = tensors()
    assert mapping.table(TABLES, inputs[::2], raws[::2]) is None


def test_a_number_that_a_model_takes_as_a_text_is_for_records_to_write():
    signature = Signature("binary", "y", SIGNATURE.columns, [Feature("rooms", "x", "string")])
    assert mapping.table(TableReader(signature), *tensors()) is None


pieces = st.one_of(
    st.binary(max_size=8),
    st.sampled_from([b"", b"male", b"\x04", b"\x00", b"x" * 100, b"y" * 255, b"z" * 256]),
)


def packed(elements: list[bytes]) -> bytes:
    return b"".join(struct.pack("<I", len(one)) + one for one in elements)


def unpacked(found: Texts | None) -> list[bytes] | None:
    return None if found is None else [found.distinct[place] for place in found.places]


@given(st.lists(pieces, min_size=1, max_size=30))
def test_elements_are_found_at_once(elements):
    found = unpacked(split(packed(elements), len(elements)))
    plain = all(len(one) < 256 and b"\x00" not in one for one in elements)
    assert found == elements if plain else found in (None, elements)


@pytest.mark.parametrize(
    "elements",
    [
        [b"%x" % number for number in range(3000)],  # of which many have the same hash
        [b"a", b"", b"b", b""],
        [b"", b"", b"a", b"", b"", b""],
    ],
)
def test_elements_are_found_however_many_or_empty(elements):
    found = split(packed(elements), len(elements))
    assert unpacked(found) == elements
    assert sorted(found.distinct) == sorted(set(elements))


@given(st.binary(max_size=60), st.integers(0, 8))
def test_other_bytes_are_no_elements(raw, count):
    found = unpacked(split(raw, count))
    assert found is None or packed(found) == raw
