import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.firestore.model import paths
from emulators.firestore.model.errors import InvalidArgumentError

DATABASE = "projects/p/databases/(default)"
IDS = st.text(min_size=1, max_size=4).filter(
    lambda text: "/" not in text and text not in {".", ".."} and not text.startswith("__")
)
SEGMENTS = st.lists(IDS | st.integers(-(2**63), 2**63 - 1).map("__id{}__".format), max_size=4)


@given(SEGMENTS.map(tuple))
def test_a_key_gives_back_its_segments(segments):
    assert paths.segments_of(paths.key(segments)) == segments


@given(SEGMENTS.map(tuple), SEGMENTS.map(tuple))
def test_keys_sort_segment_by_segment(left, right):
    def order(segments):
        return [
            (0, int(one[4:-2]), "") if one.startswith("__id") else (1, 0, one) for one in segments
        ]

    assert (paths.key(left) < paths.key(right)) == (order(left) < order(right))


@given(st.lists(IDS, min_size=2, max_size=2), SEGMENTS)
def test_the_collection_of_a_document(last_two, parent):
    parent = parent[: len(parent) // 2 * 2]
    collection = paths.key((*parent, last_two[0]))
    assert paths.collection_of(paths.key((*parent, *last_two))) == collection


@pytest.mark.parametrize(
    "identifier", ["____", "__id7__", "#", "%", " ", "`", "\\", "é", "x" * 1500]
)
def test_odd_ids_are_allowed(identifier):
    name = f"{DATABASE}/documents/c/{identifier}"
    assert paths.document(name, DATABASE) == ("c", identifier)


@pytest.mark.parametrize("identifier", [".", "..", "", "__x__", "__id__", "x" * 1501])
def test_other_ids_are_refused(identifier):
    with pytest.raises(InvalidArgumentError):
        paths.document(f"{DATABASE}/documents/c/{identifier}", DATABASE)


def test_a_reserved_id_is_named():
    with pytest.raises(InvalidArgumentError, match='"__x__" is invalid because it is reserved'):
        paths.check_id("__x__")


@pytest.mark.parametrize(
    "name", [DATABASE, f"{DATABASE}/documents", f"{DATABASE}/documents/c", "x"]
)
def test_what_is_no_document_name(name):
    with pytest.raises(InvalidArgumentError):
        paths.document(name, DATABASE)


def test_another_database_is_refused():
    with pytest.raises(InvalidArgumentError, match="not in the database"):
        paths.document("projects/p/databases/x/documents/c/d", DATABASE)


def test_the_successor_is_above_all_that_begin_so():
    assert paths.successor(b"a\xff") == b"b"
    assert paths.successor(b"\xff\xff") is None
