"""The `.proto` of a model: protoc takes it whatever columns are called, and it is what we speak."""

import itertools

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.kit.contract.models.signature import Signature, Task
from functions.kit.contract.records.columns import Column
from functions.prediction.transport.records.formats.proto import names
from functions.prediction.transport.records.formats.proto.schema import schema_of
from tests.support.models.onnx import Exported, describe
from tests.support.rows import forms

ODD = [
    *(
        "a b",
        "a_b",
        "aB",
        "a-b",
        "A_B",
        "aB_2",
        "1st",
        "2nd",
        "größe",
        "年",
        "é",
        "",
        " ",
        "_",
        ".",
    ),
    *("class", "message", "optional", "repeated", "DESCRIPTOR", "Clear", "[x]", "a\nb", "\0"),
    *(
        'say "so"',
        "back\\slash",
        "// comment",
        "*/",
        "set",
        "records",
        "string",
        "n_1st",
        "x" * 300,
    ),
]
counter = itertools.count()


def version_of(columns, labels=(), model="odd model"):
    task: Task = "multiclass" if labels else "regression"
    signature = Signature(task, "y", [Column(name, "number") for name in columns], [], [*labels])
    return describe(Exported(b"", signature), model=model)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return what compiles a schema as a client does, each into a package of its own."""
    folder = tmp_path_factory.mktemp("odd")

    def compile_(columns, labels=()):
        place = next(counter)
        schema = schema_of(version_of(columns, labels, f"odd {place}"))
        return schema, forms.compiled(schema.text, folder, f"odd{place}")

    return compile_


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.sampled_from(ODD) | st.text(max_size=20), min_size=1, max_size=25, unique=True),
    st.lists(st.sampled_from(ODD) | st.text(max_size=9), min_size=2, max_size=9, unique=True),
)
def test_any_names_are_compiled_and_spoken(compiled, columns, labels):
    schema, module = compiled(columns, labels)
    theirs = module.Record.DESCRIPTOR.fields
    assert [field.number for field in theirs] == [*range(1, len(columns) + 1)]
    assert [field.name for field in theirs] == [field for _, field in schema.columns]
    record = module.Record(**{field: place for place, (_, field) in enumerate(schema.columns)})
    ours = schema.record.FromString(record.SerializeToString())
    found = [getattr(ours, field) for _, field in schema.columns]
    assert found == [*range(len(columns))]
    assert [field.name for field in module.Probabilities.DESCRIPTOR.fields] == schema.labels


def test_records_of_json_are_read_by_the_columns_own_names(compiled):
    columns = ["owns home", "größe", 'say "so"', "back\\slash", "年"]
    _, module = compiled(columns)
    row = {name: float(place) for place, name in enumerate(columns, 1)}
    record = json_format.ParseDict(row, module.Record())
    assert json_format.MessageToDict(record) == row


def test_a_fields_number_is_its_columns_place():
    before, after = (schema_of(version_of(columns)) for columns in (["a", "b"], ["a", "b", "c"]))
    numbers = [
        {field.name: field.number for field in one.record.DESCRIPTOR.fields}
        for one in (before, after)
    ]
    assert numbers[1] == {**numbers[0], "c": 3}


def test_numbers_that_are_reserved_are_passed_over():
    assert [names.number(place) for place in (0, 18_998, 18_999)] == [1, 18_999, 20_000]


def test_many_columns_have_many_fields(compiled):
    columns = [f"column {place}" for place in range(300)]
    _, module = compiled(columns)
    assert len(module.Record.DESCRIPTOR.fields) == 300
