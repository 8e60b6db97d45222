"""One row of raw tensors is read as the usual way reads it, or not at all."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.errors import DomainError
from functions.prediction.model.tables import TableReader
from functions.prediction.transport.open_inference import mapping
from functions.prediction.transport.open_inference.messages import InputTensor
from functions.prediction.transport.open_inference.quick_row import QuickRow
from functions.prediction.transport.open_inference.tensors import BYTES, DTYPES
from tests.support.models.onnx import train

SIGNATURE = train().signature
QUICK = QuickRow(SIGNATURE, TableReader(SIGNATURE).names)
NAMES = [*TableReader(SIGNATURE).names, "colour"]
TEXT = struct.pack("<I", 6) + b"female"
RAWS = st.one_of(
    st.binary(max_size=9),
    st.sampled_from([TEXT, TEXT[:-1], TEXT + TEXT, bytes(4), struct.pack("<I", 1) + b"\xff"]),
    st.sampled_from([struct.pack("<f", math.nan), struct.pack("<d", math.nan)]),
    st.none(),
)
TENSORS = st.builds(
    InputTensor,
    name=st.sampled_from(NAMES),
    shape=st.sampled_from([[1], [1, 1], [2], [1, 2], [], [-1]]),
    datatype=st.sampled_from([*DTYPES, BYTES, "FP31"]),
)


def told(tensors, raws):
    """What the usual way makes of it; None where it refuses it."""
    try:
        return mapping.rows(SIGNATURE, tensors, raws)
    except DomainError:
        return None


@given(st.lists(st.tuples(TENSORS, RAWS), max_size=4))
def test_what_is_read_is_what_the_usual_way_reads(pairs):
    tensors, raws = [one for one, _ in pairs], [raw for _, raw in pairs]
    found = QUICK.read(tensors, raws)
    assert found is None or repr(found) == repr(told(tensors, raws))


@pytest.mark.parametrize("datatype", DTYPES)
@given(data=st.data())
def test_every_number_is_read(datatype, data):
    size = np.dtype(DTYPES[datatype]).itemsize
    raw = data.draw(st.binary(min_size=size, max_size=size))
    tensors = [InputTensor("age", [1, 1], datatype)]
    found = QUICK.read(tensors, [raw])
    assert found is not None
    assert repr(found) == repr(told(tensors, [raw]))


def test_a_text_is_read():
    tensors = [InputTensor("sex", [1], BYTES)]
    assert QUICK.read(tensors, [TEXT]) == [{"sex": "female"}]
    assert QUICK.read(tensors, [bytes(4)]) == [{"sex": None}]
