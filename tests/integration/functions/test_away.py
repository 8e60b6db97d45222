"""What callers meet while the bucket is away: an error that says so, soon."""

import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from functions.kit.adapters.stores import storage
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.errors import Away
from tests.support.processes import free_port


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{free_port()}")
    # The client's own patience is two minutes: a call that is not given ours hangs here.
    soon = storage.patience().with_timeout(0.05)
    monkeypatch.setattr(storage, "patience", lambda: soon)
    away = storage.client.__wrapped__()
    monkeypatch.setattr(storage, "client", lambda: away)
    settings: Any = SimpleNamespace(bucket="mayfly")
    return Files(settings)


def write_slowly(bucket: Files) -> None:
    with bucket.writer("a.csv", "text/csv") as file:
        file.write(b"x")


@pytest.mark.parametrize(
    "call",
    [
        lambda bucket: bucket.read("a"),
        lambda bucket: bucket.write("a", b"x", "text/csv"),
        lambda bucket: bucket.upload("a", io.BytesIO(b"x"), "text/csv"),
        lambda bucket: list(bucket.chunks("a", 1)),
        lambda bucket: bucket.download("a", io.BytesIO()),
        lambda bucket: bucket.delete("a"),
        lambda bucket: list(bucket.listed("a")),
        write_slowly,
    ],
    ids=["read", "write", "upload", "chunks", "download", "delete", "listed", "writer"],
)
def test_every_call_gives_up_when_told_to(bucket: Files, call: Callable[[Files], Any]) -> None:
    with pytest.raises(Away):
        call(bucket)
