import mmap
import os
import stat
from pathlib import Path

import pytest

from emulators.kit import durable_files


def test_a_file_is_made_whole_and_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "file", []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    durable_files.create(path, b"x" * 100_000, 0o600)

    assert synced == [100_000]
    assert path.read_bytes() == b"x" * 100_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(FileExistsError):
        durable_files.create(path, b"after")

    assert path.read_bytes() == b"before"


def test_a_memory_map_may_be_written(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"content")
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as shown:
        durable_files.create(copy, shown)

    assert copy.read_bytes() == b"content"


def test_what_is_no_folder_cannot_be_synced_as_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        durable_files.sync_folder(path)
