"""Object storage: one bucket a process; files have names that are never reused."""

import datetime as dt
import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from functions.kit.adapters.config import Settings, project_id
from functions.kit.adapters.once import Once
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.google_clients import (
    credentials,
    exceptions,
    storage,
    storage_retry,
)

TIMEOUT = 60
# What streams hold in memory; the service wants a multiple of 256 KiB.
CHUNK = 4 * 1024 * 1024


@Once
def client() -> Any:
    """Return this process's storage client; honours STORAGE_EMULATOR_HOST."""
    project = project_id(os.environ)
    if "STORAGE_EMULATOR_HOST" in os.environ:
        return storage.Client(project=project, credentials=credentials.AnonymousCredentials())
    return storage.Client(project=project)


@functools.cache
def patience() -> Any:
    """Return how long a call is repeated.

    The client would try for two minutes; callers want a clear error sooner. Names are never
    reused, so that a repeated request does no harm.
    """
    return storage_retry.DEFAULT_RETRY.with_timeout(10.0)


class Files:
    """The Bucket that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._name = settings.bucket

    def _blob(self, path: str) -> Any:
        return client().bucket(self._name).blob(path)

    @translated()
    def read(self, path: str) -> bytes:
        """See Bucket."""
        try:
            found: bytes = self._blob(path).download_as_bytes(timeout=TIMEOUT, retry=patience())
        except exceptions.NotFound as error:
            raise FileNotFoundError(path) from error
        return found

    @translated()
    def write(self, path: str, data: bytes, content_type: str) -> None:
        """See Bucket."""
        self._blob(path).upload_from_string(
            data, content_type=content_type, timeout=TIMEOUT, retry=patience()
        )

    @translated()
    def upload(self, path: str, file: IO[bytes], content_type: str) -> None:
        """See Bucket."""
        self._blob(path).upload_from_file(
            file, rewind=True, content_type=content_type, timeout=TIMEOUT, retry=patience()
        )

    @contextmanager
    def writer(self, path: str, content_type: str) -> Iterator[IO[bytes]]:
        """See Bucket; it holds one CHUNK in memory."""
        blob = self._blob(path)
        options = {"timeout": TIMEOUT, "retry": patience(), "content_type": content_type}
        with translated(), blob.open("wb", chunk_size=CHUNK, **options) as file:
            yield file

    def chunks(self, path: str, start: int = 0) -> Iterator[bytes]:
        """See Bucket."""
        blob = self._blob(path)
        try:
            with translated():
                # The reader asks for the size by itself, but with the client's own patience.
                blob.reload(timeout=TIMEOUT, retry=patience())
                with blob.open("rb", chunk_size=CHUNK, timeout=TIMEOUT, retry=patience()) as file:
                    file.seek(start)
                    while chunk := file.read(CHUNK):
                        yield chunk
        except exceptions.NotFound as error:
            raise FileNotFoundError(path) from error

    @contextmanager
    def opened(self, path: str) -> Iterator[IO[bytes]]:
        """See Bucket; it holds one CHUNK in memory."""
        blob = self._blob(path)
        try:
            with translated():
                # As in `chunks`.
                blob.reload(timeout=TIMEOUT, retry=patience())
                with blob.open("rb", chunk_size=CHUNK, timeout=TIMEOUT, retry=patience()) as file:
                    yield file
        except exceptions.NotFound as error:
            raise FileNotFoundError(path) from error

    @translated()
    def download(self, path: str, file: IO[bytes]) -> None:
        """See Bucket."""
        try:
            self._blob(path).download_to_file(file, timeout=TIMEOUT, retry=patience())
        except exceptions.NotFound as error:
            raise FileNotFoundError(path) from error

    def listed(self, prefix: str) -> Iterator[tuple[str, dt.datetime]]:
        """See Bucket."""
        options = {"prefix": prefix, "timeout": TIMEOUT, "retry": patience()}
        with translated():
            for blob in client().list_blobs(self._name, **options):
                yield blob.name, blob.time_created

    @translated()
    def delete(self, path: str) -> None:
        """See Bucket."""
        try:
            self._blob(path).delete(timeout=TIMEOUT, retry=patience())
        except exceptions.NotFound:
            return
