import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.models.features import encode_column, encoder
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column, record_type

SIGNATURE = Signature(
    task="binary",
    target="y",
    columns=[
        Column("a b", "number"),
        Column("b", "boolean"),
        Column("c", "category"),
        Column("d", "datetime"),
    ],
    features=[
        Feature("c", "x2", "string", levels=["red", "blue"]),
        Feature("a b", "x0", "float"),
        Feature("b", "x1", "float"),
        Feature("d", "x3", "float"),
    ],
    labels=["0", "1"],
)


def test_records_become_one_array_for_each_feature():
    record = record_type(SIGNATURE.columns)
    day = dt.datetime(1970, 1, 3, 12, tzinfo=dt.UTC)
    rows = [record(c0=1, c1=True, c2="red", c3=day), record(c2="green"), record()]
    inputs = encoder(SIGNATURE)(rows)
    assert set(inputs) == {"x2", "x0", "x1", "x3"}
    assert inputs["x2"].tolist() == [["red"], ["(other)"], [""]]
    np.testing.assert_array_equal(inputs["x0"], np.array([[1], [np.nan], [np.nan]], np.float32))
    assert inputs["x1"][0, 0] == 1
    assert inputs["x3"][0, 0] == 2.5
    assert inputs["x0"].dtype == np.float32


VALUES = {
    "c0": st.floats(width=32) | st.integers(-(2**63), 2**63 - 1),
    "c1": st.booleans(),
    "c2": st.text() | st.sampled_from(["red", "blue", "", "(other)"]),
    "c3": st.datetimes() | st.datetimes(timezones=st.just(dt.UTC)),
}


@given(st.lists(st.fixed_dictionaries({}, optional={k: st.none() | v for k, v in VALUES.items()})))
def test_both_ways_to_encode_give_the_same(rows):
    record = record_type(SIGNATURE.columns)
    records = [record(**row) for row in rows]
    inputs = encoder(SIGNATURE)(records)
    names = [column.name for column in SIGNATURE.columns]
    for feature in SIGNATURE.features:
        field = f"c{names.index(feature.column)}"
        kind = SIGNATURE.columns[names.index(feature.column)].kind
        wanted = encode_column(feature, kind, [getattr(one, field) for one in records])
        assert inputs[feature.input].dtype == wanted.dtype
        np.testing.assert_array_equal(inputs[feature.input], wanted)


@pytest.mark.parametrize(
    ("encoding", "kind", "value", "wanted"),
    [
        ("double", "number", 1_700_000_000.25, 1_700_000_000.25),
        ("double", "boolean", True, 1.0),
        ("double", "date", dt.date(1970, 1, 3), 172_800.0),
        ("double", "datetime", dt.datetime(1970, 1, 1, 0, 0, 1, 7, tzinfo=dt.UTC), 1.000007),
        ("double", "datetime", dt.datetime(1969, 12, 31, 23, 59, 59, 5, tzinfo=dt.UTC), -0.999995),
        ("words", "text", "Mrs. O'HARA,\n née Größe_1!", "mrs o hara née grösse 1"),
        ("characters", "text", "A/5 x", "_ a _ 5 _ x _"),
        ("characters", "text", "?!", ""),
        ("string", "category", " As it is. ", " As it is. "),
    ],
)
def test_what_a_value_becomes(encoding, kind, value, wanted):
    feature = Feature("a", "a", encoding)
    one, missing = encode_column(feature, kind, [value, None])[:, 0]
    assert one == wanted
    assert missing == "" if isinstance(wanted, str) else np.isnan(missing)
    types: dict[str, Any] = {"date": "datetime64[D]", "datetime": "datetime64[us]", "text": object}
    plain = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
    [column] = encode_column(
        feature, kind, np.asarray([plain]).astype(types.get(kind, type(plain)))
    )[:, 0]
    assert column == one
