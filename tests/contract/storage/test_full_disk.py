"""A full disk: refused at once with 507, nothing half-written, and well again by itself."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import storage

from tests.support.processes import Emulator, free_port
from tests.support.servers.small_disk import SmallDisk, small_disk

MEBIBYTE = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 32) as disk:
        yield disk


@pytest.fixture
def emulator(disk: SmallDisk) -> Iterator[Emulator]:
    port = free_port()
    arguments = ["--data", str(disk.folder / "data"), "--port", str(port)]
    with Emulator("emulators.storage", arguments, port, f"http://127.0.0.1:{port}/") as emulator:
        yield emulator


def refusal(bucket: storage.Bucket, name: str, content: bytes) -> int:
    try:
        bucket.blob(name).upload_from_string(content, retry=None)
    except GoogleAPICallError as error:
        return int(error.code)
    return 0


def test_what_does_not_fit_is_refused_and_what_was_stored_stays(
    bucket: storage.Bucket, emulator: Emulator, disk: SmallDisk
) -> None:
    kept = os.urandom(MEBIBYTE)
    bucket.blob("kept").upload_from_string(kept)
    disk.fill()

    assert [refusal(bucket, "kept", os.urandom(3 * MEBIBYTE)) for _ in range(3)] == [507] * 3
    assert refusal(bucket, "new", os.urandom(3 * MEBIBYTE)) == 507
    assert bucket.blob("kept").download_as_bytes() == kept
    assert [one.name for one in bucket.list_blobs()] == ["kept"]
    left = list((disk.folder / "data" / "contents").iterdir())
    assert len(left) == 1  # nothing half-written takes room

    disk.free()
    assert refusal(bucket, "new", os.urandom(3 * MEBIBYTE)) == 0
    emulator.kill()
    emulator.start()
    assert {one.name for one in bucket.list_blobs()} == {"kept", "new"}
    assert bucket.blob("kept").download_as_bytes() == kept


def test_an_upload_in_chunks_goes_on_once_there_is_room(
    bucket: storage.Bucket, disk: SmallDisk
) -> None:
    content = os.urandom(4 * MEBIBYTE)
    session, url = bucket.client._http, bucket.blob("a").create_resumable_upload_session()

    def put(start: int, end: int):
        fields = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"}
        return session.put(url, data=content[start:end], headers=fields)

    assert put(0, MEBIBYTE).status_code == 308
    disk.fill()
    assert put(MEBIBYTE, len(content)).status_code == 507
    disk.free()
    told = session.put(url, headers={"Content-Range": f"bytes */{len(content)}"}).headers["Range"]
    start = int(told.rpartition("-")[2]) + 1
    assert start >= MEBIBYTE
    assert put(start, len(content)).status_code == 200
    assert bucket.blob("a").download_as_bytes() == content
