"""Two uploads of one file at once, over a store and a bucket of this process."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from functions.datasets.model.dataset import Stored
from functions.datasets.service import datasets
from functions.datasets.service.datasets import Datasets
from functions.datasets.service.ingestion import IngestedFile

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
FAILED = Stored(
    id="a",
    name="a",
    state="failed",
    rows=2,
    rows_done=1,
    revision=0,
    columns=[],
    created_at=NOON,
    updated_at=NOON,
    file="imports/lost.csv",
    sha256="s",
    delimiter=",",
    offset=2,
    last_row=0,
)


def upload(monkeypatch: pytest.MonkeyPatch, now: Stored) -> tuple[Stored, list[str], list[str]]:
    """Upload a file whose dataset was seen failed, and is `now` when the transaction looks.

    Returns the dataset, the files removed and the datasets queued.
    """

    class Store:
        def create(self, _: Stored) -> Stored:
            return FAILED

        def change(self, _: str, work: Callable[[Any], Stored]) -> Stored:
            return work(SimpleNamespace(dataset=now))

    removed: list[str] = []
    queued: list[str] = []
    ingested = IngestedFile("imports/fresh.csv", "s", 2, [], ",", 2)
    monkeypatch.setattr(datasets, "ingest", lambda *_: ingested)
    parts: Any = {
        "store": Store(),
        "files": SimpleNamespace(delete=removed.append),
        "importer": SimpleNamespace(queue=queued.append),
        "remover": None,
        "editor": None,
    }
    return Datasets(**parts).create("a", iter([b""])), removed, queued


def test_the_same_file_again_takes_a_failed_import_up(monkeypatch: pytest.MonkeyPatch) -> None:
    found, removed, queued = upload(monkeypatch, replace(FAILED))
    assert (found.state, found.file, found.rows_done) == ("importing", "imports/fresh.csv", 1)
    assert (removed, queued) == ([], ["a"])


def test_a_dataset_that_another_upload_has_healed_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    healed = replace(FAILED, state="ready", rows_done=2, revision=5, file="imports/other.csv")
    found, removed, queued = upload(monkeypatch, replace(healed))
    assert found == healed
    assert (removed, queued) == (["imports/fresh.csv"], [])
