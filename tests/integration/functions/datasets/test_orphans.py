"""Files whose upload or snapshot died before a document named them."""

import datetime as dt

import pytest

from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.service import sweeper

ROWS = "a,b\n1,2\n3,4\n"


@pytest.fixture
def files(api) -> Files:
    return Files(Settings.from_env())


@pytest.fixture
def hours_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file that is there be an old one."""
    monkeypatch.setattr(sweeper, "OLD", dt.timedelta(hours=-1))


def paths(files: Files, prefix: str) -> set[str]:
    return {path for path, _ in files.listed(prefix)}


def test_an_import_removes_what_a_dead_upload_left_and_nothing_that_is_named(
    api, files, name, hours_later
):
    files.write("imports/dead.csv", b"a\n1\n", "text/csv")
    assert api.upload("c\n5\n", f"{name}-waiting").status_code == 202
    waiting = paths(files, "imports/") - {"imports/dead.csv"}
    queued = list(api.queue.calls)
    api.queue.calls.clear()

    api.load(ROWS, name)

    assert paths(files, "imports/") == waiting
    api.queue.calls.extend(queued)
    api.queue.deliver(api.client)
    assert api.get(f"/datasets/{name}-waiting").json["state"] == "ready"
    assert paths(files, "imports/") == set()


def test_a_young_file_stays(api, files, name):
    files.write("imports/young.csv", b"a\n1\n", "text/csv")
    api.load(ROWS, name)
    assert "imports/young.csv" in paths(files, "imports/")
    files.delete("imports/young.csv")


def test_snapshots_that_no_document_names_go_with_the_next_and_with_the_dataset(
    api, files, name, hours_later
):
    path = api.load(ROWS, name)
    files.write(f"snapshots/{name}/1-dead.parquet", b"x", "x/x")
    made = api.post(f"{path}/snapshots").json["path"]
    assert paths(files, f"snapshots/{name}/") == {made}
    files.write(f"snapshots/{name}/1-dead.parquet", b"x", "x/x")
    api.delete(path)
    assert paths(files, f"snapshots/{name}/") == set()
