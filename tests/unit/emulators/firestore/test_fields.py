import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.model import fields
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Document, Value


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b_1", ("a", "b_1")),
        ("`0foo`", ("0foo",)),
        ("a.`b.c`.d", ("a", "b.c", "d")),
        (r"`a\`b\\c`", ("a`b\\c",)),
    ],
)
def test_paths_are_parsed(text, path):
    assert fields.parse(text) == path


@pytest.mark.parametrize("text", ["0foo", "a..b", "a.", ".a", "`", "``", "a b", "a`b`", "é"])
def test_bad_paths_are_refused(text):
    with pytest.raises(InvalidArgumentError, match="Invalid property path"):
        fields.parse(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Invalid empty property path string."),
        ("__x__", "Invalid reserved name in field path __x__"),
        ("a.__x__", "Invalid reserved name in field path a.__x__"),
        ("__name__.a", "Invalid reserved name in field path __name__.a"),
    ],
)
def test_empty_and_reserved_paths_are_refused(text, words):
    with pytest.raises(InvalidArgumentError) as refused:
        fields.parse(text)
    assert str(refused.value) == words


@pytest.mark.parametrize("text", ["__name__", "__x", "x__", "__", "____a"])
def test_names_with_lines_beneath_are_taken(text):
    assert fields.parse(text) == (text,)


NAMES = st.text(min_size=1).filter(lambda name: not re.fullmatch("__.+__", name, re.DOTALL))


@given(st.lists(NAMES, min_size=1, max_size=3).map(tuple))
def test_a_formatted_path_parses_to_itself(path):
    assert fields.parse(fields.format_path(path)) == path


def test_reaching_for_what_is_missing_makes_nothing():
    document = Document()
    assert fields.get(document.fields, ("a", "b")) is None
    fields.remove(document.fields, ("a", "b"))
    assert document == Document()


def test_a_nested_value_is_put_and_removed():
    document = Document(fields={"a": Value(integer_value=1)})
    fields.put(document.fields, ("a", "b"), Value(string_value="x"))
    assert fields.get(document.fields, ("a", "b")).string_value == "x"
    fields.remove(document.fields, ("a", "b"))
    assert fields.get(document.fields, ("a",)).WhichOneof("value_type") == "map_value"
