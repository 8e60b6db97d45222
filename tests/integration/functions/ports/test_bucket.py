"""The bucket: the double in memory and the service keep the same promises."""

import datetime as dt
import io
from collections.abc import Callable
from uuid import uuid4

import pytest

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.ports import Bucket

CSV = "text/csv"
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(params=["memory", "storage"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "memory":
        return MemoryBucket(SystemClock())
    request.getfixturevalue("emulators")
    return Files(Settings.from_env())


@pytest.fixture
def folder() -> str:
    """What the names of a test's files begin with."""
    return f"ports/{uuid4().hex}/"


def test_what_is_written_is_read(bucket: Bucket, folder: str) -> None:
    bucket.write(f"{folder}a", ALPHABET, CSV)
    bucket.write(f"{folder}empty", b"", CSV)
    assert (bucket.read(f"{folder}a"), bucket.read(f"{folder}empty")) == (ALPHABET, b"")


def test_an_open_file_is_stored_from_its_start(bucket: Bucket, folder: str) -> None:
    file = io.BytesIO(ALPHABET)
    file.seek(9)
    bucket.upload(f"{folder}a", file, CSV)
    assert bucket.read(f"{folder}a") == ALPHABET


def test_a_written_stream_is_stored_when_it_ends(bucket: Bucket, folder: str) -> None:
    with bucket.writer(f"{folder}a", CSV) as file:
        file.write(ALPHABET[:9])
        file.write(ALPHABET[9:])
        assert list(bucket.listed(folder)) == []
    assert bucket.read(f"{folder}a") == ALPHABET


def test_a_stream_that_breaks_off_stores_nothing(bucket: Bucket, folder: str) -> None:
    def write() -> None:
        with bucket.writer(f"{folder}a", CSV) as file:
            file.write(ALPHABET)
            raise KeyError("the sender went")

    with pytest.raises(KeyError, match="the sender went"):
        write()
    assert list(bucket.listed(folder)) == []


@pytest.mark.parametrize("start", [0, 1, 25, 26])
def test_pieces_begin_where_one_says(bucket: Bucket, folder: str, start: int) -> None:
    bucket.write(f"{folder}a", ALPHABET, CSV)
    assert b"".join(bucket.chunks(f"{folder}a", start)) == ALPHABET[start:]


def test_a_file_is_written_into_an_open_one(bucket: Bucket, folder: str) -> None:
    bucket.write(f"{folder}a", ALPHABET, CSV)
    file = io.BytesIO()
    bucket.download(f"{folder}a", file)
    assert file.getvalue() == ALPHABET


@pytest.mark.parametrize(
    "ask",
    [
        lambda bucket, path: bucket.read(path),
        lambda bucket, path: list(bucket.chunks(path)),
        lambda bucket, path: bucket.download(path, io.BytesIO()),
    ],
    ids=["read", "chunks", "download"],
)
def test_a_file_that_is_not_there_is_named(
    bucket: Bucket, folder: str, ask: Callable[[Bucket, str], object]
) -> None:
    with pytest.raises(FileNotFoundError, match=f"{folder}a"):
        ask(bucket, f"{folder}a")


def test_files_are_listed_by_the_beginning_of_their_names(bucket: Bucket, folder: str) -> None:
    began = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    for name in ("b/1", "a/2", "a/1"):
        bucket.write(f"{folder}{name}", b"x", CSV)
    found = dict(bucket.listed(f"{folder}a/"))
    assert sorted(found) == [f"{folder}a/1", f"{folder}a/2"]
    ended = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    assert [began <= moment <= ended for moment in found.values()] == [True, True]


def test_a_removed_file_is_gone_and_may_be_removed_again(bucket: Bucket, folder: str) -> None:
    bucket.write(f"{folder}a", b"x", CSV)
    bucket.delete(f"{folder}a")
    bucket.delete(f"{folder}a")
    assert list(bucket.listed(folder)) == []
