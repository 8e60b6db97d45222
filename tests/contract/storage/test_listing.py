"""Listings: prefixes, folders, pages, offsets, globs and versions."""

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import storage

NAMES = ["a", "f/", "f/1", "f/2", "f/g/3", "f/g/4", "h/5", "z", "ä"]


@pytest.fixture
def filled(fresh: storage.Bucket) -> storage.Bucket:
    for name in NAMES:
        fresh.blob(name).upload_from_string(name)
    return fresh


def names(listed) -> list[str]:
    return [one.name for one in listed]


def test_all_in_the_order_of_their_bytes(filled: storage.Bucket) -> None:
    assert names(filled.list_blobs()) == NAMES


@pytest.mark.parametrize(
    ("options", "found", "prefixes"),
    [
        ({"delimiter": "/"}, ["a", "z", "ä"], {"f/", "h/"}),
        ({"delimiter": "/", "prefix": "f/"}, ["f/", "f/1", "f/2"], {"f/g/"}),
        ({"delimiter": "/", "prefix": "f"}, [], {"f/"}),
        ({"delimiter": "/", "prefix": "f/g/"}, ["f/g/3", "f/g/4"], set()),
        ({"delimiter": "g", "prefix": "f/"}, ["f/", "f/1", "f/2"], {"f/g"}),
        ({"prefix": "f/g"}, ["f/g/3", "f/g/4"], set()),
        ({"prefix": "none"}, [], set()),
        (
            {"delimiter": "/", "include_trailing_delimiter": True},
            ["a", "f/", "z", "ä"],
            {"f/", "h/"},
        ),
        ({"start_offset": "f/2", "end_offset": "h/5"}, ["f/2", "f/g/3", "f/g/4"], set()),
        ({"start_offset": "h", "prefix": "f/"}, [], set()),
        ({"match_glob": "f/*"}, ["f/", "f/1", "f/2"], set()),
        ({"match_glob": "**/{3,5}"}, ["f/g/3", "h/5"], set()),
    ],
)
@pytest.mark.parametrize("page_size", [1, 2, None])
def test_what_is_asked_for(
    filled: storage.Bucket, options: dict, found: list, prefixes: set, page_size: int | None
) -> None:
    listed = filled.list_blobs(page_size=page_size, **options)
    assert names(listed) == found
    assert listed.prefixes == prefixes


def test_pages_have_as_many_as_they_may(filled: storage.Bucket) -> None:
    pages = [names(page) for page in filled.list_blobs(page_size=4).pages]
    assert pages == [NAMES[:4], NAMES[4:8], NAMES[8:]]


def test_a_folder_of_thousands_is_one_prefix(fresh: storage.Bucket) -> None:
    fresh.blob("seed").upload_from_string("x")
    for number in range(12):
        fresh.copy_blob(fresh.blob("seed"), fresh, f"many/{number:04}")
    fresh.blob("n").upload_from_string("x")
    listed = fresh.list_blobs(delimiter="/", page_size=2)
    pages = [(names(page), set(listed.prefixes)) for page in listed.pages]
    assert [page for page, _ in pages] == [["n"], ["seed"]]
    assert listed.prefixes == {"many/"}


def test_versions_are_listed_across_pages(fresh: storage.Bucket) -> None:
    fresh.reload()
    fresh.versioning_enabled = True
    fresh.patch()
    made = []
    for name in ("a", "b"):
        for text in ("1", "2", "3"):
            blob = fresh.blob(name)
            blob.upload_from_string(text)
            made.append((name, blob.generation))

    listed = fresh.list_blobs(versions=True, page_size=2)

    assert [(one.name, one.generation) for one in listed] == made


def test_what_makes_no_sense_is_refused(filled: storage.Bucket) -> None:
    request = filled.client._connection.api_request
    for query in ({"pageToken": "nonsense"}, {"matchGlob": "{"}, {"maxResults": "-1"}):
        with pytest.raises(BadRequest):
            request("GET", f"/b/{filled.name}/o", query_params=query)
    with pytest.raises(NotFound):
        list(filled.client.bucket("no-such-bucket").list_blobs())
