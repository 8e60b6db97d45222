"""Uploads in chunks, in two parts and in one request, over kills and with checksums."""

import base64
import hashlib
import http.client
import io
import json
import os
import socket
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import google_crc32c
import pytest
from google.api_core.exceptions import BadRequest
from google.cloud import storage
from google.cloud.storage import transfer_manager
from google.cloud.storage._media.requests import XMLMPUContainer, XMLMPUPart

from tests.support.processes import PATIENCE, Emulator, received, wait_until

STEP = 256 * 1024


def begin(bucket: storage.Bucket, name: str, body: dict | None = None, query: str = "") -> str:
    where = f"{bucket.client._connection.API_BASE_URL}/upload/storage/v1/b/{bucket.name}/o"
    answer = bucket.client._http.post(
        f"{where}?uploadType=resumable&name={name}{query}", json=body or {}
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["Location"]


def put(bucket: storage.Bucket, url: str, data: bytes, which: str, **headers: str):
    fields = {"Content-Range": which, **headers} if which else headers
    return bucket.client._http.put(url, data=data, headers=fields)


def crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode()


def test_the_steps_of_an_upload(fresh: storage.Bucket) -> None:
    content = os.urandom(2 * STEP + 100)
    url = begin(fresh, "a", {"contentType": "text/csv", "metadata": {"k": "v"}})

    asked = put(fresh, url, b"", "bytes */*")
    assert (asked.status_code, asked.headers.get("Range")) == (308, None)
    first = put(fresh, url, content[:STEP], f"bytes 0-{STEP - 1}/*")
    assert (first.status_code, first.headers["Range"]) == (308, f"bytes=0-{STEP - 1}")
    second = put(fresh, url, content[STEP:-100], f"bytes {STEP}-{2 * STEP - 1}/{len(content)}")
    assert (second.status_code, second.headers["Range"]) == (308, f"bytes=0-{2 * STEP - 1}")
    assert not fresh.blob("a").exists()
    last = put(fresh, url, content[-100:], f"bytes {2 * STEP}-{len(content) - 1}/{len(content)}")
    assert last.status_code == 200
    assert last.json()["md5Hash"] == base64.b64encode(hashlib.md5(content).digest()).decode()
    assert last.json()["crc32c"] == crc32c(content)

    again = put(fresh, url, b"", f"bytes */{len(content)}")
    assert (again.status_code, again.json()["generation"]) == (200, last.json()["generation"])
    found = fresh.get_blob("a")
    assert (found.content_type, found.metadata) == ("text/csv", {"k": "v"})
    assert found.download_as_bytes() == content


def test_the_end_of_an_unknown_length_is_told_later(fresh: storage.Bucket) -> None:
    url = begin(fresh, "a")
    assert put(fresh, url, b"x" * STEP, f"bytes 0-{STEP - 1}/*").status_code == 308
    assert put(fresh, url, b"", f"bytes */{STEP}").status_code == 200
    assert fresh.get_blob("a").size == STEP


def test_an_empty_object(fresh: storage.Bucket) -> None:
    assert put(fresh, begin(fresh, "a"), b"", "bytes */0").status_code == 200
    assert fresh.get_blob("a").size == 0


def test_the_whole_without_a_range(fresh: storage.Bucket) -> None:
    assert put(fresh, begin(fresh, "a"), b"abc", "").status_code == 200
    assert fresh.blob("a").download_as_bytes() == b"abc"


@pytest.mark.parametrize(
    ("data", "which"),
    [
        (b"abc", "bytes 5-7/*"),  # leaves a gap
        (b"abc", "bytes 0-9/*"),  # is of another length
        (b"abc", "bytes 2-1/*"),
        (b"abc", "bytes 0-2/2"),
        (b"abc", "bytes */3"),
        (b"abc", "lines 0-2/3"),
    ],
)
def test_chunks_that_make_no_sense(fresh: storage.Bucket, data: bytes, which: str) -> None:
    url = begin(fresh, "a")
    assert put(fresh, url, data, which).status_code == 400
    assert put(fresh, url, b"abc", "bytes 0-2/3").status_code == 200


def test_an_upload_is_cancelled(fresh: storage.Bucket) -> None:
    url = begin(fresh, "a")
    put(fresh, url, b"x" * STEP, f"bytes 0-{STEP - 1}/*")

    assert fresh.client._http.delete(url).status_code == 499
    assert put(fresh, url, b"", "bytes */*").status_code == 404
    assert not fresh.blob("a").exists()


def test_uploads_that_are_left_take_no_object_away(fresh: storage.Bucket) -> None:
    fresh.blob("a").upload_from_string("before")
    begin(fresh, "a")
    assert fresh.blob("a").download_as_bytes() == b"before"


def test_an_upload_goes_on_in_the_middle_of_a_chunk_after_kill_9(
    bucket: storage.Bucket, emulator: Emulator
) -> None:
    content = os.urandom(8 * STEP)
    url = begin(bucket, "a")
    head = (
        f"PUT {url[url.index('/upload') :]} HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Range: bytes 0-{len(content) - 1}/{len(content)}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )

    def here() -> int:
        told = put(bucket, url, b"", "bytes */*").headers.get("Range", "bytes=0--1")
        return int(told.rpartition("-")[2]) + 1 if not told.endswith("--1") else 0

    with socket.create_connection(("127.0.0.1", emulator.port)) as client:
        client.sendall(head.encode() + content[: 3 * STEP + 5])
        wait_until(lambda: here() == 3 * STEP + 5, what="the part that was sent")
        emulator.kill()
    emulator.start()

    start = here()
    assert start == 3 * STEP + 5
    rest = f"bytes {start}-{len(content) - 1}/{len(content)}"
    assert put(bucket, url, content[start:], rest).status_code == 200
    assert bucket.blob("a").download_as_bytes() == content  # against the checksum, too


def test_preconditions_hold_when_it_ends_too(fresh: storage.Bucket) -> None:
    url = begin(fresh, "a", query="&ifGenerationMatch=0")
    fresh.blob("a").upload_from_string("quicker")

    assert put(fresh, url, b"abc", "bytes 0-2/3").status_code == 412
    assert fresh.blob("a").download_as_bytes() == b"quicker"


@pytest.mark.parametrize("kind", ["resource", "header"])
def test_checksums_of_an_upload_in_chunks(fresh: storage.Bucket, kind: str) -> None:
    wrong = crc32c(b"something else")
    url = begin(fresh, "a", {"crc32c": wrong} if kind == "resource" else {})
    told = {"X-Goog-Hash": f"crc32c={wrong}"} if kind == "header" else {}
    assert put(fresh, url, b"abc", "bytes 0-2/3", **told).status_code == 400
    assert not fresh.blob("a").exists()

    right = begin(fresh, "a", {"crc32c": crc32c(b"abc")})
    assert put(fresh, right, b"abc", "bytes 0-2/3").status_code == 200


@pytest.mark.parametrize(
    "resource",
    [
        {"crc32c": crc32c(b"other")},
        {"md5Hash": base64.b64encode(hashlib.md5(b"other").digest()).decode()},
        {"crc32c": "nonsense"},
        {"metadata": {"k": 5}},
        {"contentType": 5},
        {"customTime": "soon"},
        {"retention": {"mode": "Unlocked", "retainUntilTime": "soon"}},
        {"metadata": {"\ud800": "x" * 9000}},
        {"name": "x" * 1025},
        {"name": ""},
    ],
)
def test_an_upload_in_two_parts_that_is_refused(fresh: storage.Bucket, resource: dict) -> None:
    told = json.dumps({"name": "a", **resource})
    body = (
        "--x\r\nContent-Type: application/json\r\n\r\n"
        f"{told}\r\n--x\r\nContent-Type: text/csv\r\n\r\nabc\r\n--x--"
    )
    where = f"{fresh.client._connection.API_BASE_URL}/upload/storage/v1/b/{fresh.name}/o"
    kind = {"Content-Type": "multipart/related; boundary=x"}
    answer = fresh.client._http.post(f"{where}?uploadType=multipart", data=body, headers=kind)
    assert answer.status_code == 400
    assert not fresh.blob("a").exists()


def test_the_client_checks_and_sends_checksums(fresh: storage.Bucket) -> None:
    for checksum in ("md5", "crc32c"):
        fresh.blob("a").upload_from_string(b"abc", checksum=checksum)
        assert fresh.blob("a").download_as_bytes(checksum=checksum) == b"abc"
    with pytest.raises(BadRequest):
        fresh.blob("b").upload_from_file(io.BytesIO(b"abc"), crc32c_checksum_value=crc32c(b"other"))


def test_a_body_that_breaks_off_is_no_object(fresh: storage.Bucket, shared: Emulator) -> None:
    path = f"/upload/storage/v1/b/{fresh.name}/o?uploadType=media&name=a"
    for framing in ("Content-Length: 100", "Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", shared.port)) as client:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n5\r\nabcde\r\n"
            client.sendall(head.encode())
            client.shutdown(socket.SHUT_WR)
            client.settimeout(PATIENCE)
            while client.recv(4096):
                pass
    assert not fresh.blob("a").exists()


def test_a_client_that_waits_for_a_yes_is_told(fresh: storage.Bucket, shared: Emulator) -> None:
    path = f"/upload/storage/v1/b/{fresh.name}/o?uploadType=media&name=a"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    with socket.create_connection(("127.0.0.1", shared.port), timeout=PATIENCE) as client:
        client.sendall(f"{head}Content-Length: 3\r\n\r\n".encode())
        assert received(client, b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        client.sendall(b"abc")
        assert received(client, b"\r\n").startswith(b"HTTP/1.1 200")


def test_bodies_follow_one_another_on_a_connection(fresh: storage.Bucket, shared: Emulator) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", shared.port, timeout=PATIENCE)) as one:
        for number in range(3):
            path = f"/upload/storage/v1/b/{fresh.name}/o?uploadType=media&name={number}"
            one.request("POST", path, b"x" * 100_000)
            assert one.getresponse().read()
            one.request("POST", "/upload/storage/v1/b/none-of-these/o?uploadType=media&name=a",
                        b"x" * 1_000_000)  # fmt: skip
            answer = one.getresponse()
            assert (answer.status, bool(answer.read())) == (404, True)
    assert len(list(fresh.list_blobs())) == 3


def test_the_transfer_manager_sends_and_fetches_parts_side_by_side(
    fresh: storage.Bucket, tmp_path: Path
) -> None:
    content = os.urandom(12 << 20)
    (tmp_path / "sent").write_bytes(content)
    blob = fresh.blob("a/ü <&>")
    blob.metadata = {"k": "v"}
    workers = {"worker_type": transfer_manager.THREAD, "max_workers": 4}

    transfer_manager.upload_chunks_concurrently(
        str(tmp_path / "sent"), blob, chunk_size=5 << 20, content_type="text/csv", **workers
    )
    transfer_manager.download_chunks_concurrently(
        blob, str(tmp_path / "found"), chunk_size=1 << 20, **workers
    )

    assert (tmp_path / "found").read_bytes() == content
    found = fresh.get_blob("a/ü <&>")
    assert (found.metadata, found.content_type, found.component_count) == (
        {"k": "v"},
        "text/csv",
        3,
    )


def test_parts_survive_kill_9_and_leave_nothing(
    bucket: storage.Bucket, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "sent").write_bytes(b"x" * 1000)
    url = f"{bucket.client._connection.API_BASE_URL}/{bucket.name}/a"
    session = bucket.client._http

    def begin_parts(count: int) -> XMLMPUContainer:
        container = XMLMPUContainer(url, str(tmp_path / "sent"))
        container.initiate(session, "text/csv")
        for number in range(1, count + 1):
            part = XMLMPUPart(url, container.upload_id, str(tmp_path / "sent"), 0, 1000, number)
            part.upload(session)
            container.register_part(number, part.etag)
        return container

    kept, left = begin_parts(3), begin_parts(2)
    emulator.kill()
    emulator.start()
    kept.finalize(session)
    left.cancel(session)

    assert bucket.blob("a").download_as_bytes() == b"x" * 3000
    assert len(list((tmp_path / "data" / "contents").iterdir())) == 1


@pytest.mark.parametrize(
    ("query", "method"),
    [("uploadId=none&partNumber=1", "PUT"), ("uploadId=none", "POST"), ("uploadId=none", "DELETE")],
)
def test_parts_of_no_upload(fresh: storage.Bucket, query: str, method: str) -> None:
    url = f"{fresh.client._connection.API_BASE_URL}/{fresh.name}/a?{query}"
    body = b"<C><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></C>"
    answer = fresh.client._http.request(method, url, data=body)
    assert answer.status_code == 404
    assert ET.fromstring(answer.text).findtext("Code") == "NotFound"


def test_a_part_that_is_not_what_was_sent(fresh: storage.Bucket) -> None:
    url = f"{fresh.client._connection.API_BASE_URL}/{fresh.name}/a"
    begun = fresh.client._http.post(f"{url}?uploads")
    name = next(one.text for one in ET.fromstring(begun.text) if "UploadId" in one.tag)
    wrong = {"X-Goog-Hash": f"crc32c={crc32c(b'other')}"}
    where = f"{url}?uploadId={name}"

    answer = fresh.client._http.put(f"{where}&partNumber=1", data=b"abc", headers=wrong)

    assert answer.status_code == 400
    assert ET.fromstring(answer.text).findtext("Code") == "BadDigest"
    for body in (b"", b"<!DOCTYPE x><C/>", b"<C>", b"<C/>"):
        assert fresh.client._http.post(where, data=body).status_code == 400
