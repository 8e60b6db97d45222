"""The official client against the storage emulator."""

import io
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud import storage

from tests.support.processes import PATIENCE, Emulator, free_port, received, wait_until

CHUNK = 256 * 1024
# Everything that a naive parser of the multipart body would change.
AWKWARD = bytes(range(256)) + b"\r\n--\r\r\n\n\x00\r" + b"--boundary\r\n" + b"\n"


@pytest.mark.parametrize("content", [b"", b"a", AWKWARD, os.urandom(100_000)])
def test_content_comes_back_as_it_was(bucket: storage.Bucket, content: bytes) -> None:
    bucket.blob("models/a.onnx").upload_from_string(content)

    assert bucket.blob("models/a.onnx").download_as_bytes() == content


def test_a_streamed_upload_and_download_keep_the_content(bucket: storage.Bucket) -> None:
    content = os.urandom(5 * CHUNK + 17)
    with bucket.blob("imports/a.csv").open("wb", chunk_size=CHUNK) as file:
        for start in range(0, len(content), 10_000):
            file.write(content[start : start + 10_000])

    with bucket.blob("imports/a.csv").open("rb", chunk_size=CHUNK) as file:
        assert file.read() == content
    assert bucket.get_blob("imports/a.csv").size == len(content)


def test_names_may_be_anything_and_one_may_be_the_folder_of_another(
    bucket: storage.Bucket,
) -> None:
    names = ["a", "a/b", "a/../b", "ü b?&=#%.csv", "x" * 900]
    for name in names:
        bucket.blob(name).upload_from_string(name)

    assert [bucket.blob(name).download_as_text() for name in names] == names
    assert sorted(blob.name for blob in bucket.list_blobs(prefix="a")) == ["a", "a/../b", "a/b"]


def test_a_range_is_served(bucket: storage.Bucket) -> None:
    content = os.urandom(3 << 20)
    bucket.blob("big").upload_from_string(content)

    assert (
        bucket.blob("big").download_as_bytes(start=1_000_000, end=1_000_009)
        == (content[1_000_000:1_000_010])
    )


def test_an_acknowledged_upload_survives_kill_9(bucket: storage.Bucket, emulator: Emulator) -> None:
    for round_ in range(5):
        content = os.urandom(200_000)
        bucket.blob(f"snapshots/{round_}").upload_from_string(content)
        emulator.kill()
        emulator.start()
        assert bucket.blob(f"snapshots/{round_}").download_as_bytes() == content


def test_kill_9_in_the_middle_of_uploads_leaves_each_object_whole(
    bucket: storage.Bucket, emulator: Emulator
) -> None:
    """An object is overwritten without pause; the kill comes at any moment of it."""
    acknowledged: list[int] = []

    def overwrite() -> None:
        for number in range(1, 10_000):
            try:
                bucket.blob("one").upload_from_string(bytes([number % 256]) * 300_000, retry=None)
            except Exception:  # noqa: BLE001 - however the kill shows
                return
            acknowledged.append(number)

    for _ in range(3):
        acknowledged.clear()
        writer = threading.Thread(target=overwrite)
        writer.start()
        wait_until(lambda: len(acknowledged) >= 5, what="writing")
        emulator.kill()
        writer.join()
        emulator.start()
        content = bucket.blob("one").download_as_bytes()  # checks the checksum, too
        last = acknowledged[-1]
        assert content in {bytes([n % 256]) * 300_000 for n in (last, last + 1)}


def test_a_resumable_upload_goes_on_after_kill_9(
    bucket: storage.Bucket, emulator: Emulator
) -> None:
    content = os.urandom(4 * CHUNK)
    file = bucket.blob("imports/b.csv").open("wb", chunk_size=CHUNK)
    file.write(content[: 2 * CHUNK])

    emulator.kill()
    emulator.start()
    file.write(content[2 * CHUNK :])
    file.close()

    assert bucket.blob("imports/b.csv").download_as_bytes() == content


def test_a_chunk_sent_again_is_taken_once(bucket: storage.Bucket, emulator: Emulator) -> None:
    session = bucket.client._http
    url = bucket.blob("again").create_resumable_upload_session()
    for _ in range(2):
        answer = session.put(url, data=b"abcd", headers={"Content-Range": "bytes 0-3/*"})
        assert answer.status_code == 308
    answer = session.put(url, data=b"cdef", headers={"Content-Range": "bytes 2-5/6"})

    assert answer.status_code == 200
    assert bucket.blob("again").download_as_bytes() == b"abcdef"


def test_an_object_is_as_old_as_the_end_of_its_upload(bucket: storage.Bucket) -> None:
    """Who removes old files must not take one for old that came over a slow line."""
    file = bucket.blob("slow").open("wb", chunk_size=CHUNK)
    file.write(os.urandom(2 * CHUNK))
    before = datetime.now(UTC)
    file.close()

    assert bucket.get_blob("slow").time_created >= before


def test_if_generation_match_lets_one_writer_win(bucket: storage.Bucket) -> None:
    def create(number: int) -> bool:
        try:
            bucket.blob("once").upload_from_string(str(number), if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(create, range(8)))

    assert sum(won) == 1
    assert bucket.blob("once").download_as_text() == str(won.index(True))


def test_a_stale_generation_neither_overwrites_nor_deletes(bucket: storage.Bucket) -> None:
    blob = bucket.blob("one")
    blob.upload_from_string("first")
    stale = blob.generation
    bucket.blob("one").upload_from_string("second")

    with pytest.raises(PreconditionFailed):
        bucket.blob("one").upload_from_string("third", if_generation_match=stale)
    with pytest.raises(PreconditionFailed):
        bucket.blob("one").delete(if_generation_match=stale)
    assert bucket.blob("one").download_as_text() == "second"


def test_concurrent_uploads_all_arrive(bucket: storage.Bucket) -> None:
    contents = {f"many/{number}": os.urandom(50_000) for number in range(40)}

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda item: bucket.blob(item[0]).upload_from_string(item[1]), contents.items()
            )
        )

    assert {blob.name for blob in bucket.list_blobs(prefix="many/")} == set(contents)
    assert all(bucket.blob(name).download_as_bytes() == body for name, body in contents.items())


def test_a_deleted_object_is_gone_and_leaves_no_file(
    bucket: storage.Bucket, tmp_path: Path
) -> None:
    bucket.blob("a").upload_from_string("x" * 1000)
    bucket.blob("a").upload_from_string("y" * 1000)
    bucket.blob("a").delete()

    with pytest.raises(NotFound):
        bucket.blob("a").download_as_bytes()
    with pytest.raises(NotFound):
        bucket.blob("a").delete()
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == ["lock", *(f"storage.sqlite3{end}" for end in ("", "-shm", "-wal"))]


def test_copy_and_compose(bucket: storage.Bucket) -> None:
    content = os.urandom(2 << 20)
    source = bucket.blob("a")
    source.upload_from_string(content)
    bucket.copy_blob(source, bucket, "b")
    bucket.blob("c").compose([bucket.blob("a"), bucket.blob("b")])

    assert bucket.blob("c").download_as_bytes() == content * 2


def test_a_stalled_client_blocks_nobody(bucket: storage.Bucket, emulator: Emulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.port)) as stalled:
        stalled.sendall(b"POST /upload/storage/v1/b/mayfly/o HTTP/1.1\r\nContent-Length: 9\r\n")

        bucket.blob("a").upload_from_string("a", timeout=PATIENCE)

        assert bucket.blob("a").download_as_text(timeout=PATIENCE) == "a"


def test_memory_stays_flat_through_a_large_streamed_upload(
    bucket: storage.Bucket, emulator: Emulator
) -> None:
    megabyte = os.urandom(1 << 20)
    before = _anonymous_memory(emulator.pid)
    with bucket.blob("large").open("wb", chunk_size=4 << 20) as file:
        for _ in range(200):
            file.write(megabyte)
    downloaded = io.BytesIO()
    bucket.blob("large").download_to_file(downloaded)

    assert downloaded.tell() == 200 << 20
    assert _anonymous_memory(emulator.pid) - before < 60 << 20


def _anonymous_memory(pid: int) -> int:
    """Return the memory in bytes that is the process's own, not the page cache's."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no RssAnon")


def test_no_web_page_can_wipe_it(bucket: storage.Bucket, emulator: Emulator) -> None:
    bucket.blob("a").upload_from_string("a")

    with pytest.raises(HTTPError, match="404"):
        urlopen(f"http://127.0.0.1:{emulator.port}/wipe")
    assert bucket.blob("a").exists()


def test_sigterm_finishes_what_is_in_flight(bucket: storage.Bucket, emulator: Emulator) -> None:
    """The request's head is in, its body not yet, when SIGTERM comes."""
    body = b"0123456789"
    head = (
        "POST /upload/storage/v1/b/mayfly/o?uploadType=media&name=late HTTP/1.1\r\n"
        f"Host: localhost\r\nContent-Type: text/csv\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", emulator.port)) as client:
        client.sendall(head.encode() + body[:5])
        wait_until(lambda: _is_read(client), what="reading what was sent")
        os.kill(emulator.pid, signal.SIGTERM)
        client.sendall(body[5:])
        assert received(client, b"\r\n").startswith(b"HTTP/1.1 200")
    assert emulator.stop() == 0
    emulator.start()
    assert bucket.blob("late").download_as_bytes() == body


def test_sigterm_ends_it_at_whatever_moment_it_comes(tmp_path: Path) -> None:
    """Ten at once, so that the signal meets some that have only just begun to listen."""

    ports = [free_port() for _ in range(10)]

    def start_and_stop(port: int) -> int:
        arguments = ["--data", str(tmp_path / str(port)), "--port", str(port)]
        with Emulator("emulators.storage", arguments, port, f"tcp://127.0.0.1:{port}") as emulator:
            return emulator.stop()

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(start_and_stop, ports)) == [0] * 10


def _is_read(client: socket.socket) -> bool:
    """Tell whether the other side has taken from the kernel all that was sent to it."""
    _, port = client.getsockname()
    _, peer = client.getpeername()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, own, other, _, queues, *_ = line.split()
        if (own[-4:], other[-4:]) == (f"{peer:04X}", f"{port:04X}"):
            return int(queues.partition(":")[2], 16) == 0
    return False


def test_memory_stays_flat_through_one_large_request(
    bucket: storage.Bucket, emulator: Emulator
) -> None:
    """No chunks: all of it in one body, with the resource in front of it, and in one answer."""
    size, piece = 300 << 20, os.urandom(1 << 20)
    resource = b'{"name": "large"}'
    head = b"--x\r\nContent-Type: application/json\r\n\r\n" + resource + b"\r\n--x\r\n\r\n"
    before = _anonymous_memory(emulator.pid)

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(size >> 20):
            yield piece
        yield b"\r\n--x--\r\n"

    where = f"{bucket.client._connection.API_BASE_URL}/upload/storage/v1/b/mayfly/o"
    kind = {"Content-Type": "multipart/related; boundary=x"}
    answer = bucket.client._http.post(f"{where}?uploadType=multipart", data=body(), headers=kind)
    assert answer.json()["size"] == str(size)
    found = 0
    with bucket.client._http.get(answer.json()["mediaLink"], stream=True) as download:
        for chunk in download.iter_content(1 << 20):
            found += len(chunk)
    assert found == size
    assert _anonymous_memory(emulator.pid) - before < 40 << 20
