"""What the emulator before this one left on disk is there; what cannot be read is told."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from google.cloud import storage

from tests.support.processes import PATIENCE, ROOT, Emulator, free_port

GENERATION = "1795765450603880776"
TIME = "2026-11-27T07:44:10.603884Z"
OBJECTS = {"a/b ü": (b"hello", {"k": "v"}), "big": (b"x" * 3_000_000, {})}


def leave(folder: Path) -> None:
    """Leave what the emulator of gcp-storage-emulator left."""
    old = folder / ".cloudstorage"
    (old / "mayfly").mkdir(parents=True)
    objects = {}
    for name, (content, metadata) in OBJECTS.items():
        digest = hashlib.sha256(name.encode()).hexdigest()[:40]
        (old / "mayfly" / f"{digest}-{GENERATION}").write_bytes(content)
        objects[name] = {
            "kind": "storage#object", "id": f"mayfly/{name}/{GENERATION}", "name": name,
            "bucket": "mayfly", "generation": GENERATION, "metageneration": "2",
            "contentType": "text/csv", "timeCreated": TIME, "updated": TIME,
            "storageClass": "STANDARD", "timeStorageClassUpdated": TIME,
            "size": str(len(content)), "md5Hash": "", "crc32c": "", "etag": "", "acl": [],
            "metadata": metadata,
        }  # fmt: skip
    bucket = {"kind": "storage#bucket", "name": "mayfly", "timeCreated": TIME, "updated": TIME,
              "location": "US", "storageClass": "STANDARD", "acl": [], "defaultObjectAcl": [],
              "labels": {"team": "a"}}  # fmt: skip
    told = {"buckets": {"mayfly": bucket}, "objects": {"mayfly": objects}, "resumable": {}}
    (old / ".meta").write_text(json.dumps(told))


def test_old_data_is_taken_over(tmp_path: Path, monkeypatch) -> None:
    leave(tmp_path / "data")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
    arguments = ["--data", str(tmp_path / "data"), "--port", str(port)]
    with Emulator("emulators.storage", arguments, port, f"{url}/") as emulator:
        bucket = storage.Client.create_anonymous_client().get_bucket("mayfly")
        assert bucket.labels == {"team": "a"}
        emulator.kill()
        emulator.start()
        for name, (content, metadata) in OBJECTS.items():
            blob = bucket.get_blob(name)
            assert blob.download_as_bytes() == content  # against the checksum, too
            assert (blob.content_type, blob.metadata or {}) == ("text/csv", metadata)
            assert blob.time_created.isoformat() == "2026-11-27T07:44:10.603884+00:00"
        bucket.client.close()
    assert not (tmp_path / "data" / ".cloudstorage").exists()


def test_old_data_that_cannot_be_read_stays_and_is_told(tmp_path: Path) -> None:
    leave(tmp_path)
    (tmp_path / ".cloudstorage" / ".meta").write_text("{")

    done = started(tmp_path, free_port())

    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert (tmp_path / ".cloudstorage" / ".meta").read_text() == "{"


def test_a_folder_has_one_emulator(emulator: Emulator, tmp_path: Path) -> None:
    done = started(tmp_path / "data", free_port())
    assert done.returncode == 1
    assert "another emulator uses it" in done.stderr


def test_a_port_that_is_taken_is_told(emulator: Emulator, tmp_path: Path) -> None:
    done = started(tmp_path / "other", emulator.port)
    assert done.returncode == 1
    assert f"127.0.0.1:{emulator.port}" in done.stderr


def started(folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulators.storage", "--data", str(folder)]
    return subprocess.run(
        [*command, "--port", str(port)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
