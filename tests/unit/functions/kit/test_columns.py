from typing import Any

import msgspec
import pytest

from functions.kit.contract.records.columns import Column, are_plain, record_type

COLUMNS = [Column("age", "number", minimum=0), Column("chest pain", "category", required=True)]


def test_a_partial_record_knows_what_was_left_out():
    record: Any = msgspec.json.decode(b'{"age": null}', type=record_type(COLUMNS, partial=True))
    assert record.c0 is None
    assert record.c1 is msgspec.UNSET


@pytest.mark.parametrize(
    "name", ["", " ", "c1", "class", "é", "😀", "a/b", "a.b", "\u2028", "\x7f"]
)
def test_c_reads_odd_names_that_json_does_not_escape(name):
    columns = [Column(name, "integer"), Column("other", "integer")]
    assert are_plain(columns)
    body = msgspec.json.encode({name: 3})
    record: Any = msgspec.json.decode(body, type=record_type(columns))
    assert (record.c0, record.c1) == (3, None)


@pytest.mark.parametrize("name", ['"', "\\", "a\nb", "\x00", "\x1f"])
def test_names_that_json_escapes_are_for_another_way(name):
    columns = [Column(name, "integer")]
    assert not are_plain(columns)
    kind: Any = record_type(columns)
    assert kind(c0=1).c0 == 1
