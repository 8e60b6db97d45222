"""`./mayfly restore --to-project`: from a backup into another Firestore and another bucket."""

import datetime as dt
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore, storage

from infra.local.backups import taking
from infra.local.cli import mayfly
from infra.local.moving import pace, work
from infra.local.settings import ROOT, Settings, from_env
from infra.local.stack import parts
from tests.support.processes import free_port, wait_until

ROWS = 700
LARGE = b"0123456789abcdef" * (600 << 10)  # more than a chunk
MOVE = "a-project"


@dataclass
class Stores:
    """A Firestore and a bucket that run."""

    settings: Settings

    @property
    def env(self) -> dict[str, str]:
        return {
            "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{self.settings.firestore.number}",
            "STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{self.settings.storage.number}",
        }

    def documents(self, project: str, monkeypatch: pytest.MonkeyPatch) -> firestore.Client:
        with monkeypatch.context() as patch:
            patch.setenv("FIRESTORE_EMULATOR_HOST", self.env["FIRESTORE_EMULATOR_HOST"])
            return firestore.Client(project=project, credentials=AnonymousCredentials())

    def bucket(self, project: str, name: str) -> Any:
        options = {"api_endpoint": self.env["STORAGE_EMULATOR_HOST"]}
        nobody = AnonymousCredentials()
        made = storage.Client(project=project, credentials=nobody, client_options=options)
        return made.bucket(name)


@contextmanager
def running(home: Path, bucket: str) -> Iterator[Stores]:
    """Run both emulators on a home."""
    env = {"MAYFLY_HOME": str(home), "MAYFLY_BUCKET": bucket}
    env |= {f"MAYFLY_{name}_PORT": str(free_port()) for name in ("FIRESTORE", "STORAGE")}
    settings = from_env(env)
    (home / "data").mkdir(parents=True)
    with ExitStack() as started:
        for name in ("firestore", "storage"):
            part = parts.all_parts(settings)[name]
            process = started.enter_context(
                subprocess.Popen(part.command, cwd=ROOT, env=part.env, stderr=subprocess.DEVNULL)
            )
            started.callback(process.wait)
            started.callback(process.terminate)
            wait_until(part.is_ready, what=name)
        yield Stores(settings)


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a home with every kind of value, and a file that is larger than a chunk."""
    folder = tmp_path_factory.mktemp("home")
    home = folder / "home"
    with running(home, "old-bucket") as stores, pytest.MonkeyPatch.context() as patch:
        filled(stores.documents(stores.settings.project, patch))
        bucket = stores.bucket("old", "old-bucket")
        bucket.blob("a/large").upload_from_string(LARGE, content_type="application/x-large")
        bucket.blob("empty").upload_from_string(b"")
        settings = stores.settings
    (home / "key").write_text("key")
    (home / "step-secret").write_text("secret")
    target = folder / "all.tar.gz"
    taking.take(settings, target, lambda _: None)
    return target


def filled(client: firestore.Client) -> None:
    rows = client.collection("datasets").document("d").collection("records")
    for begin in range(0, ROWS, 350):
        batch = client.batch()
        for number in range(begin, begin + 350):
            batch.set(rows.document(f"{number:06}"), {"number": number})
        batch.commit()
    client.collection("kinds").document("of-values").set(
        {
            "none": None,
            "nan": float("nan"),
            "whole": 2**53 + 1,
            "bytes": b"\x00\xff",
            "at": dt.datetime(2026, 11, 28, 1, 2, 3, 456789, dt.UTC),
            "place": firestore.GeoPoint(1.5, -2.5),
            "deep": {"list": [{"to": rows.document("000001")}], "other/name": "ü"},
        }
    )


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Stores]:
    with running(tmp_path / "other", "new-bucket") as stores:
        yield stores


def restore(backup: Path, target: Stores, *more: str, **env: str) -> Result:
    words = ["restore", str(backup), "--to-project", MOVE, "--bucket", "new-bucket", *more]
    return CliRunner().invoke(mayfly, words, env={**target.env, **env})


def rows_there(client: firestore.Client) -> int:
    return len(list(client.collection("datasets").document("d").collection("records").stream()))


def test_everything_arrives_as_it_was(
    backup: Path, target: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = restore(backup, target)
    assert done.exit_code == 0, done.output
    assert f"{MOVE} has {ROWS + 1} documents and 2 files, compared." in done.output
    client = target.documents(MOVE, monkeypatch)
    assert rows_there(client) == ROWS
    found = client.collection("kinds").document("of-values").get().to_dict()
    assert found["nan"] != found["nan"]
    assert found["whole"] == 2**53 + 1
    assert found["bytes"] == b"\x00\xff"
    assert found["at"] == dt.datetime(2026, 11, 28, 1, 2, 3, 456789, dt.UTC)
    assert found["place"] == firestore.GeoPoint(1.5, -2.5)
    to = found["deep"]["list"][0]["to"]
    assert to.get().to_dict() == {"number": 1}  # in this project, not in the one it came from
    bucket = target.bucket(MOVE, "new-bucket")
    blob = bucket.get_blob("a/large")
    assert (blob.content_type, blob.size) == ("application/x-large", len(LARGE))
    assert blob.download_as_bytes() == LARGE
    # What is added and changed afterwards is nobody's mistake, and stays.
    client.collection("kinds").document("new").set({"a": 1})
    again = restore(backup, target, "--json")
    assert (again.exit_code, '"resumed": true' in again.stdout) == (0, True)
    assert client.collection("kinds").document("new").get().exists


def test_what_broke_off_goes_on_where_it_was(
    backup: Path, target: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(self: object, said: str, **_: Any) -> None:
        if said.startswith("documents of"):
            raise ConnectionResetError("broken off")

    with monkeypatch.context() as patch:
        patch.setattr("infra.local.commands.progress.Meter.tell", breaking)
        patch.setattr(work, "SECONDS", -1.0)
        broken = restore(backup, target)
    assert broken.exit_code == 1
    assert "it goes on where it was" in broken.output
    client = target.documents(MOVE, monkeypatch)
    assert 0 < rows_there(client) < ROWS
    mark = client.document(work.MARK).get().to_dict()
    assert mark["state"] == work.UNFINISHED
    done = restore(backup, target, "--json")
    assert (done.exit_code, '"resumed": true' in done.stdout) == (0, True), done.output
    assert rows_there(client) == ROWS
    assert client.document(work.MARK).get().to_dict()["state"] == work.WHOLE


def test_what_somebody_else_writes_meanwhile_is_noticed(
    backup: Path, target: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = target.documents(MOVE, monkeypatch)

    def writing(_: object, said: str, **__: Any) -> None:
        if said.startswith("documents of"):
            client.document("datasets/d/records/000001").set({"number": -1})

    with monkeypatch.context() as patch:
        patch.setattr("infra.local.commands.progress.Meter.tell", writing)
        done = restore(backup, target)
    assert done.exit_code == 1
    assert "datasets/d/records/000001 is not the same in both places" in done.output
    assert client.document(work.MARK).get().to_dict()["state"] == work.UNFINISHED


def test_a_place_that_is_not_empty_is_left_alone(
    backup: Path, target: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = target.documents(MOVE, monkeypatch)
    client.document("a/b").set({})
    done = restore(backup, target)
    assert re.fullmatch(
        r"[^\n]*\n?Error: The project's Firestore holds documents [^\n]+\n", done.output
    )
    client.document("a/b").delete()
    target.bucket(MOVE, "new-bucket").blob("own").upload_from_string(b"")
    done = restore(backup, target)
    assert "The bucket new-bucket holds files already, such as own" in done.output
    assert [one.id for one in client.collections()] == []
    done = restore(backup, target, "--bucket", "none")
    assert "There is no bucket none." in done.output
    done = restore(backup, target, STORAGE_EMULATOR_HOST="")
    assert "one without the other" in done.output


def test_another_backup_is_not_mixed_in(
    backup: Path, target: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = target.documents(MOVE, monkeypatch)
    about = {"archive": "other", "made_at": "then", "state": work.UNFINISHED, "after": ""}
    client.document(work.MARK).set(about | {"bucket": "new-bucket"})
    done = restore(backup, target)
    assert "Another backup, of then, is unfinished in this project." in done.output
    with pytest.raises(NotFound):
        target.bucket(MOVE, "new-bucket").blob("empty").reload()


def test_a_damaged_archive_changes_nothing(
    backup: Path, target: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = tmp_path / "half.tar.gz"
    half.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    done = restore(half, target)
    assert "The backup cannot be used" in done.output
    assert list(target.documents(MOVE, monkeypatch).collections()) == []


def test_options_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    file = str(tmp_path / "a")
    for words in (["--bucket", "b"], ["--check", "--to-project", "p"]):
        assert CliRunner().invoke(mayfly, ["restore", file, *words]).exit_code == 2


def test_writes_begin_as_google_advises() -> None:
    assert pace.allowed(1) == 500
    assert pace.allowed(300) == 150_000
    assert pace.allowed(301) == 150_750
    assert pace.allowed(900) == 150_000 + 225_000 + 337_500
    clock = [0.0]

    def sleep(seconds: float) -> None:
        assert seconds > 0
        clock[0] += seconds

    held = pace.Pace(lambda: clock[0], sleep)
    for _ in range(100):
        held.write(300)
    assert 58 < clock[0] < 62  # 30,000 at 500 a second, the last of them not waited for
