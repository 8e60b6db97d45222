"""The rules by themselves: globs, parts of bodies, names behind names, etags."""

import itertools

import pytest

from emulators.storage.model.errors import InvalidError
from emulators.storage.model.etags import etag, matches
from emulators.storage.model.fields import merged
from emulators.storage.model.globs import pattern
from emulators.storage.model.listing import behind
from emulators.storage.transport.http.messages import BrokenBodyError
from emulators.storage.transport.multipart import Parts, boundary

NAMES = ["foo/bar", "foo/baz", "foo/foobar", "foobar"]


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("foo*bar", ["foobar"]),
        ("foo**bar", ["foo/bar", "foo/foobar", "foobar"]),
        ("**/foobar", ["foo/foobar", "foobar"]),
        ("*/ba[rz]", ["foo/bar", "foo/baz"]),
        ("*/ba[!a-y]", ["foo/baz"]),
        ("**/{foobar,baz}", ["foo/baz", "foo/foobar", "foobar"]),
        ("foo/{foo*,*baz}", ["foo/baz", "foo/foobar"]),
        ("foo?ba?", []),
        ("fo\\obar", ["foobar"]),
        ("foo.bar", []),
    ],
)
def test_a_glob(glob: str, found: list[str]) -> None:
    assert [name for name in NAMES if pattern(glob).fullmatch(name)] == found


@pytest.mark.parametrize("glob", ["[a", "{a", "a[z-a]", "*" * 50])
def test_what_is_no_glob(glob: str) -> None:
    with pytest.raises(InvalidError):
        pattern(glob)


@pytest.mark.parametrize("folder", ["a/", "ü", "\ud7ff", "a\U0010ffff"])
def test_what_is_behind_a_folder(folder: str) -> None:
    following = behind(folder)
    assert folder < folder + "\U0010ffff" * 9 < following
    assert not following.startswith(folder)


def test_a_patch_is_merged_as_json_is() -> None:
    before = {"a": {"b": "1", "c": "2"}, "d": "3"}
    assert merged(before, {"a": {"b": None, "e": "5"}, "d": None}) == {"a": {"c": "2", "e": "5"}}
    assert before == {"a": {"b": "1", "c": "2"}, "d": "3"}


def test_etags_differ_and_match_themselves() -> None:
    made = {etag(generation, meta) for generation in (0, 1, 300) for meta in (1, 2, 200)}
    assert len(made) == 9
    one = etag(5, 1)
    assert matches(f'"x", W/"{one}"', one)
    assert matches("*", one)
    assert not matches("*", "")
    assert not matches("x", one)


CONTENT = b"\r\n--\r\n--bound\r\nary\r\n--boundar"
BODY = (
    b"preamble\r\n--boundary\r\nContent-Type: application/json\r\n\r\n{}\r\n--boundary\r\n"
    b"content-TYPE: text/csv\r\n\r\n" + CONTENT + b"\r\n--boundary--\r\nepilogue"
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 10_000])
def test_parts_come_whole_however_the_bytes_do(size: int) -> None:
    chunks = (BODY[start : start + size] for start in range(0, len(BODY), size))
    parts = Parts(chunks, b"boundary")

    assert parts.next() == {"content-type": "application/json"}
    assert b"".join(parts.content()) == b"{}"
    assert parts.next() == {"content-type": "text/csv"}
    assert b"".join(parts.content()) == CONTENT
    with pytest.raises(InvalidError):
        parts.next()


def test_empty_parts() -> None:
    parts = Parts([b"--b\r\n\r\n\r\n--b\r\nA: b\r\n\r\n\r\n--b--"], b"b")
    assert [parts.next(), *parts.content()] == [{}]
    assert [parts.next(), *parts.content()] == [{"a": "b"}]


def read_both(parts: Parts) -> None:
    for _ in range(2):
        parts.next()
        for _ in parts.content():
            pass


def test_a_body_that_breaks_off_at_any_byte() -> None:
    end = BODY.index(b"\r\n--boundary--") + len(b"\r\n--boundary")
    for size in itertools.islice(range(end), 0, end, 3):
        parts = Parts([BODY[:size]], b"boundary")
        with pytest.raises(BrokenBodyError):
            read_both(parts)


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/related", "multipart/related; b=x"])
def test_a_type_without_a_boundary(kind: str) -> None:
    with pytest.raises(InvalidError):
        boundary(kind)
