import hashlib
import os

import pytest

from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.contract.models.registration import ModelFile
from functions.prediction.adapters.model_files import ModelFiles
from functions.prediction.model.errors import Unloadable


class Bucket(MemoryBucket):
    """A bucket that notes what is read."""

    def __init__(self, **files):
        super().__init__()
        self.reads = []
        self.stored.update(files)

    def read(self, path):
        self.reads.append(path)
        return super().read(path)


def described(path, data):
    return ModelFile(path, hashlib.sha256(data).hexdigest(), len(data))


A, B = described("a", b"aaaa"), described("b", b"bbbb")


@pytest.fixture
def bucket():
    return Bucket(a=b"aaaa", b=b"bbbb")


def held(folder):
    """Return the copies by what is in them."""
    return {path.read_bytes(): path for path in folder.iterdir()}


def test_the_same_file_of_another_workspace_is_downloaded_too(tmp_path, bucket):
    """Or its speed would tell that the other has it."""
    bucket.stored["workspaces/team/a"] = b"aaaa"
    files = ModelFiles(bucket.read, tmp_path, 100)
    for path in ("a", "workspaces/team/a"):
        assert files.get(described(path, b"aaaa")) == b"aaaa"
    assert bucket.reads == ["a", "workspaces/team/a"]


def test_a_file_is_downloaded_once_for_all_replicas(tmp_path, bucket):
    folder = tmp_path / "cache"
    for _ in range(2):
        assert ModelFiles(bucket.read, folder, 100).get(A) == b"aaaa"
    assert bucket.reads == ["a"]
    assert folder.stat().st_mode & 0o077 == 0


def test_a_damaged_copy_is_replaced(tmp_path, bucket):
    files = ModelFiles(bucket.read, tmp_path, 100)
    files.get(A)
    [copy] = tmp_path.iterdir()
    copy.write_bytes(b"aaab")
    assert files.get(A) == b"aaaa"
    assert copy.read_bytes() == b"aaaa"


def test_a_file_that_is_not_what_was_registered_is_refused(tmp_path, bucket):
    files = ModelFiles(bucket.read, tmp_path, 100)
    bucket.stored["a"] = b"xxxx"
    with pytest.raises(Unloadable, match="not the one"):
        files.get(A)
    del bucket.stored["a"]
    with pytest.raises(Unloadable, match="gone"):
        files.get(A)
    assert list(tmp_path.iterdir()) == []


def test_the_longest_unused_leaves_when_there_is_no_room(tmp_path, bucket):
    files = ModelFiles(bucket.read, tmp_path, 7)
    files.get(A)
    files.get(B)
    assert held(tmp_path).keys() == {b"bbbb"}


def test_use_counts_not_age(tmp_path, bucket):
    bucket.stored["c"] = b"cccc"
    files = ModelFiles(bucket.read, tmp_path, 9)
    files.get(A)
    files.get(B)
    os.utime(held(tmp_path)[b"aaaa"], (1, 1))
    os.utime(held(tmp_path)[b"bbbb"], (2, 2))
    files.get(A)
    files.get(described("c", b"cccc"))
    assert held(tmp_path).keys() == {b"aaaa", b"cccc"}


def test_without_a_disk_it_still_answers(tmp_path, bucket):
    place = tmp_path / "file"
    place.write_text("in the way")
    assert ModelFiles(bucket.read, place, 100).get(A) == b"aaaa"
