"""Object storage: one bucket a process; files have names that are never reused."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import IO, Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.cloud.exceptions import NotFound
from google.cloud.storage.retry import DEFAULT_RETRY

from functions.kit.adapters.config import Settings, project_id
from functions.kit.adapters.once import Once

TIMEOUT = 60
# The client would try for two minutes; callers want a clear error sooner. Names are never reused,
# so that a repeated request does no harm.
PATIENCE = DEFAULT_RETRY.with_timeout(10.0)
# What streams hold in memory; the service wants a multiple of 256 KiB.
CHUNK = 4 * 1024 * 1024


@Once
def client() -> Any:
    """Return this process's storage client; honours STORAGE_EMULATOR_HOST."""
    project = project_id(os.environ)
    if "STORAGE_EMULATOR_HOST" in os.environ:
        return storage.Client(project=project, credentials=AnonymousCredentials())
    return storage.Client(project=project)


class Files:
    """The files of one bucket, by object name (`models/titanic/….onnx`)."""

    def __init__(self, settings: Settings) -> None:
        self._name = settings.bucket

    def _blob(self, path: str) -> Any:
        return client().bucket(self._name).blob(path)

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises FileNotFoundError."""
        try:
            found: bytes = self._blob(path).download_as_bytes(timeout=TIMEOUT, retry=PATIENCE)
        except NotFound as error:
            raise FileNotFoundError(path) from error
        return found

    def write(self, path: str, data: bytes, content_type: str) -> None:
        """Store a file whole; it is there when this returns."""
        self._blob(path).upload_from_string(
            data, content_type=content_type, timeout=TIMEOUT, retry=PATIENCE
        )

    def upload(self, path: str, file: IO[bytes], content_type: str) -> None:
        """Store a file from an open one, read from its start."""
        self._blob(path).upload_from_file(
            file, rewind=True, content_type=content_type, timeout=TIMEOUT, retry=PATIENCE
        )

    def writer(self, path: str, content_type: str) -> AbstractContextManager[IO[bytes]]:
        """Return an open file that becomes the stored one when its block ends.

        It holds one CHUNK in memory. When the block raises, nothing is stored.
        """
        opened: AbstractContextManager[IO[bytes]] = self._blob(path).open(
            "wb",
            chunk_size=CHUNK,
            content_type=content_type,
            timeout=TIMEOUT,
            retry=PATIENCE,
        )
        return opened

    def chunks(self, path: str, start: int = 0) -> Iterator[bytes]:
        """Yield a stored file in pieces, from byte `start`; raises FileNotFoundError."""
        try:
            blob = self._blob(path)
            # The reader asks for the size by itself, but then with the client's own patience.
            blob.reload(timeout=TIMEOUT, retry=PATIENCE)
            with blob.open("rb", chunk_size=CHUNK, timeout=TIMEOUT, retry=PATIENCE) as file:
                file.seek(start)
                while chunk := file.read(CHUNK):
                    yield chunk
        except NotFound as error:
            raise FileNotFoundError(path) from error

    def download(self, path: str, file: IO[bytes]) -> None:
        """Write a stored file into an open one; raises FileNotFoundError."""
        try:
            self._blob(path).download_to_file(file, timeout=TIMEOUT, retry=PATIENCE)
        except NotFound as error:
            raise FileNotFoundError(path) from error

    def listed(self, prefix: str) -> Iterator[tuple[str, dt.datetime]]:
        """Yield the files whose names begin so, each with the time when it was written."""
        for blob in client().list_blobs(self._name, prefix=prefix, timeout=TIMEOUT, retry=PATIENCE):
            yield blob.name, blob.time_created

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is as good as removed."""
        try:
            self._blob(path).delete(timeout=TIMEOUT, retry=PATIENCE)
        except NotFound:
            return
