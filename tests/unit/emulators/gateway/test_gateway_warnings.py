"""Warnings in the heads of answers."""

from emulators.gateway.apis.kubernetes.admission import warning_fields
from emulators.gateway.specs.validation import repeated


def test_a_warning_is_a_quoted_text_that_any_client_takes() -> None:
    [(name, value)] = warning_fields(['a "b" \\ c\nd \u00fc\x07'])
    assert (name, value) == (b"warning", b'299 - "a \\"b\\" \\\\ c d ??"')


def test_what_is_said_twice_is_told_once_and_too_much_is_cut() -> None:
    assert len(warning_fields(["a", "b", "a"])) == 2
    fields = warning_fields([f"{number:04}" + "x" * 996 for number in range(100)])
    assert [len(value) for _, value in fields] == [1008] * 4 + [104]


def test_fields_that_stand_twice_are_named_by_their_places() -> None:
    body = b'{"a": 1, "b": {"c": [{"d": 1, "d": 2}, {"e": {}}]}, "a": {"f": 1, "f": 1}}'
    assert repeated.fields(body) == ["a", "a.f", "b.c[0].d"]
    assert repeated.fields(b'{"a": {"b": 1}, "c": {"b": 1}}') == []
    assert repeated.fields(b'{"a": 1' + b"0" * 9999 + b"}") == []
