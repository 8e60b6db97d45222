import datetime as dt

import numpy as np

from functions.kit.columns import Column, record_type
from functions.kit.features import encoder
from functions.kit.signature import Feature, Signature

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
    assert list(inputs) == ["x2", "x0", "x1", "x3"]
    assert inputs["x2"].tolist() == [["red"], ["(other)"], [""]]
    np.testing.assert_array_equal(inputs["x0"], np.array([[1], [np.nan], [np.nan]], np.float32))
    assert inputs["x1"][0, 0] == 1
    assert inputs["x3"][0, 0] == 2.5
    assert inputs["x0"].dtype == np.float32
