"""Downloads: ranges, compression, fields of the answer, and signed URLs."""

import gzip
import os
import random
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import Signing
from google.cloud import storage

from tests.support.processes import Emulator

CONTENT = random.Random(0).randbytes(100_000)  # the same in each worker: it names tests


def get(bucket: storage.Bucket, name: str, method: str = "GET", query: str = "", **headers: str):
    url = f"{bucket.client._connection.API_BASE_URL}/{bucket.name}/{name}{query}"
    return bucket.client._http.request(method, url, headers=headers)


@pytest.fixture
def filled(fresh: storage.Bucket) -> storage.Bucket:
    fresh.blob("a").upload_from_string(CONTENT, content_type="text/csv")
    return fresh


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        ("bytes=0-0", CONTENT[:1], "bytes 0-0/100000"),
        ("bytes=10-19", CONTENT[10:20], "bytes 10-19/100000"),
        ("bytes=99990-", CONTENT[99990:], "bytes 99990-99999/100000"),
        ("bytes=99990-200000", CONTENT[99990:], "bytes 99990-99999/100000"),
        ("bytes=-10", CONTENT[-10:], "bytes 99990-99999/100000"),
        ("bytes=-200000", CONTENT, "bytes 0-99999/100000"),
    ],
)
def test_a_range(filled: storage.Bucket, wanted: str, found: bytes, told: str) -> None:
    answer = get(filled, "a", Range=wanted)
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, told)
    assert answer.content == found


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=-"])
def test_what_is_no_range_is_ignored(filled: storage.Bucket, wanted: str) -> None:
    answer = get(filled, "a", Range=wanted)
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize("wanted", ["bytes=100000-", "bytes=100000-100001", "bytes=-0"])
def test_a_range_behind_the_end(filled: storage.Bucket, wanted: str) -> None:
    answer = get(filled, "a", Range=wanted)
    assert answer.status_code == 416
    assert answer.json()["error"]["code"] == 416


def test_the_fields_of_a_download(filled: storage.Bucket) -> None:
    blob = filled.get_blob("a")
    for method, length in (("GET", len(CONTENT)), ("HEAD", 0)):
        answer = get(filled, "a", method)
        assert len(answer.content) == length
        assert answer.headers["Content-Length"] == "100000"
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.headers["X-Goog-Generation"] == str(blob.generation)
        assert answer.headers["X-Goog-Hash"] == f"crc32c={blob.crc32c},md5={blob.md5_hash}"
        assert answer.headers["ETag"] == blob.etag


def test_gzip_is_expanded_for_those_who_do_not_take_it(fresh: storage.Bucket) -> None:
    plain = b"a line of text\n" * 100_000
    blob = fresh.blob("a")
    blob.content_encoding = "gzip"
    packed = gzip.compress(plain)  # it has the time in it
    blob.upload_from_string(packed, content_type="text/plain")

    assert blob.download_as_bytes() == plain
    assert blob.download_as_bytes(raw_download=True) == packed
    expanded = get(fresh, "a", **{"Accept-Encoding": "identity"})
    assert expanded.content == plain
    assert "Content-Encoding" not in expanded.headers
    assert expanded.headers["X-Goog-Stored-Content-Encoding"] == "gzip"


def test_what_only_says_that_it_is_gzip_comes_as_it_is(fresh: storage.Bucket) -> None:
    blob = fresh.blob("a")
    blob.content_encoding = "gzip"
    blob.upload_from_string(b"plain", content_type="text/plain")
    answer = get(fresh, "a", **{"Accept-Encoding": "identity"})
    assert answer.content == b"plain"


def test_a_reader_of_an_old_generation_reads_it_to_its_end(bucket: storage.Bucket) -> None:
    old, new = os.urandom(20 << 20), b"new"
    bucket.blob("a").upload_from_string(old)
    url = f"{bucket.client._connection.API_BASE_URL}/{bucket.name}/a"
    with bucket.client._http.get(url, stream=True) as answer:
        first = next(answer.iter_content(1000))
        bucket.blob("a").upload_from_string(new)
        bucket.blob("a").delete()
        rest = b"".join(answer.iter_content(1 << 20))
    assert first + rest == old


class Signer(Signing):  # type: ignore[misc]  # it has no types
    """Signs with nothing: what a signature is worth cannot be known without Google's key."""

    service_account_email = signer_email = "someone@example.com"
    signer = None

    def sign_bytes(self, message: bytes) -> bytes:
        return b"signature"


def signed(bucket: storage.Bucket, shared: Emulator, method: str, version: str, ends: datetime):
    return bucket.blob("signed ü/1").generate_signed_url(
        expiration=ends,
        method=method,
        version=version,
        credentials=Signer(),
        api_access_endpoint=f"http://127.0.0.1:{shared.port}",
    )


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_a_signed_url_is_good_for_its_time(
    fresh: storage.Bucket, shared: Emulator, version: str
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    ask = fresh.client._http.request

    put = ask("PUT", signed(fresh, shared, "PUT", version, later), data=CONTENT)
    assert put.status_code == 200
    assert ask("GET", signed(fresh, shared, "GET", version, later)).content == CONTENT
    assert ask("HEAD", signed(fresh, shared, "HEAD", version, later)).status_code == 200
    assert ask("DELETE", signed(fresh, shared, "DELETE", version, later)).status_code == 204
    assert ask("GET", signed(fresh, shared, "GET", version, later)).status_code == 404


def test_a_signed_url_ends(fresh: storage.Bucket) -> None:
    fresh.blob("a").upload_from_string("a")
    old = "?X-Goog-Algorithm=a&X-Goog-Signature=b&X-Goog-Expires=60&X-Goog-Date="
    for query in (f"{old}20200101T000000Z", "?Signature=a&Expires=1500000000"):
        answer = get(fresh, "a", query=query)
        assert answer.status_code == 400
        assert "expired" in answer.json()["error"]["message"]
    for query in (f"{old}soon", "?Signature=a&Expires=soon"):
        assert get(fresh, "a", query=query).status_code == 400


def test_a_key_of_a_customer_is_asked_for(fresh: storage.Bucket) -> None:
    keys = [os.urandom(32), os.urandom(32)]
    fresh.blob("a", encryption_key=keys[0]).upload_from_string(CONTENT)
    with fresh.blob("b", encryption_key=keys[0]).open("wb") as file:
        file.write(CONTENT)

    for name in ("a", "b"):
        assert fresh.blob(name, encryption_key=keys[0]).download_as_bytes() == CONTENT
        for other in (None, keys[1]):
            with pytest.raises(BadRequest, match="key"):
                fresh.blob(name, encryption_key=other).download_as_bytes()
    assert fresh.get_blob("a").crc32c is None
    rotated = fresh.blob("a", encryption_key=keys[1])
    with pytest.raises(BadRequest):
        rotated.rewrite(fresh.blob("a", encryption_key=keys[1]))
    rotated.rewrite(fresh.blob("a", encryption_key=keys[0]))
    assert rotated.download_as_bytes() == CONTENT
    fresh.blob("c").rewrite(rotated)
    assert fresh.blob("c").download_as_bytes() == CONTENT


def test_a_part_of_an_answer(fresh: storage.Bucket) -> None:
    fresh.blob("f/a").upload_from_string("a")
    fresh.blob("b").upload_from_string("b")
    listed = f"/b/{fresh.name}/o"

    def asked(fields: str) -> dict:
        query = {"fields": fields, "delimiter": "/"}
        return fresh.client._connection.api_request("GET", listed, query_params=query)

    assert asked("items(name),prefixes") == {"items": [{"name": "b"}], "prefixes": ["f/"]}
    assert asked("items/name") == {"items": [{"name": "b"}]}
    assert asked("items(name,size),kind") == {
        "kind": "storage#objects",
        "items": [{"name": "b", "size": "1"}],
    }
    assert list(asked("*")) == ["kind", "items", "prefixes"]
    for wrong in ("items(", "items(name", ",", "a)b", "items()", "a b", "(" * 500):
        with pytest.raises(BadRequest):
            asked(wrong)
