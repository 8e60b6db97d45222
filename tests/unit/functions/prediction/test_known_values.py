"""What a model's columns held when it learnt is told to callers, and binds nobody."""

from functions.kit.contract.records.columns import Column, Suggested
from functions.prediction.model.record_schema import EXAMPLES
from functions.prediction.model.records import Reader

WORDS = [f"town {number}" for number in range(EXAMPLES + 5)]
COLUMNS = [
    Column("town", "category", suggested=Suggested(levels=WORDS)),
    Column("age", "number", suggested=Suggested(minimum=0.5, maximum=80)),
    Column("note", "text"),
]


def test_the_schema_of_a_record_names_known_words_and_bounds() -> None:
    found = Reader(COLUMNS).json_schema()["properties"]
    assert found["town"]["examples"] == WORDS[:EXAMPLES]
    assert found["age"]["description"] == "It learnt from values of 0.5 to 80."
    assert set(found["note"]) == {"anyOf", "default"}


def test_other_words_and_numbers_are_taken_all_the_same() -> None:
    [record] = Reader(COLUMNS).read(b'{"records": [{"town": "elsewhere", "age": 99}]}')
    assert (record.c0, record.c1) == ("elsewhere", 99)
