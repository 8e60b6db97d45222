"""A backup's documents and files, served by the emulators that wrote them."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from infra.local.backups import archive, state
from infra.local.errors import LocalError
from infra.local.moving.documents import Documents
from infra.local.moving.files import Files
from infra.local.settings import HOST, ROOT, Settings, from_env
from infra.local.stack import parts
from infra.local.stack.parts import Part
from infra.local.system.processes import spawn

PATIENCE = 60.0
POLL = 0.05


@contextmanager
def opened(file: Path, told: archive.Told) -> Iterator[tuple[archive.Manifest, Documents, Files]]:
    """Give what an archive is, its documents and its files.

    Args:
        file: the archive; all of it is checked first.
        told: gets the bytes of each piece that is unpacked.

    Raises:
        LocalError: it cannot be used, or an emulator does not start on it.
    """
    with tempfile.TemporaryDirectory(prefix="mayfly-") as folder, ExitStack() as running:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        manifest = archive.unpack(file, home, told)
        state.check_databases(home)
        settings = _settings(home, manifest)
        known = parts.all_parts(settings)
        for name in ("firestore", "storage"):
            running.enter_context(_started(known[name], home))
        documents = Documents(manifest.project, known["firestore"].address)
        url = f"http://{known['storage'].address}"
        yield manifest, documents, Files(manifest.project, manifest.bucket, url)


def _settings(home: Path, manifest: archive.Manifest) -> Settings:
    first, second = _free_ports()
    return from_env(
        {
            "MAYFLY_HOME": str(home),
            "GOOGLE_CLOUD_PROJECT": manifest.project,
            "MAYFLY_BUCKET": manifest.bucket,
            "MAYFLY_FIRESTORE_PORT": str(first),
            "MAYFLY_STORAGE_PORT": str(second),
        }
    )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind((HOST, 0))
        second.bind((HOST, 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextmanager
def _started(part: Part, home: Path) -> Iterator[None]:
    log = home.parent / f"{part.name}.log"
    process = spawn(part.command, ROOT, part.env, log)
    try:
        _wait(part, process, log)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(part: Part, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not part.is_ready():
        if process.poll() is not None or time.monotonic() > end:
            last = log.read_text(errors="replace").strip().splitlines()[-3:]
            raise LocalError(f"The backup's {part.name} does not start: {' '.join(last)}")
        time.sleep(POLL)
