"""Files of one bucket, as they travel: by Google's client, each held against its CRC32C."""

from collections.abc import Iterator
from typing import Any

from functions.kit.lazy import Lazy
from infra.local.errors import LocalError

storage = Lazy("google.cloud.storage")
credentials = Lazy("google.auth.credentials")
exceptions = Lazy("google.api_core.exceptions")

CHUNK = 8 << 20


class Files:
    """A bucket.

    Args:
        project: whose.
        bucket: its name.
        emulator: URL of an emulator; empty for the real service, with this machine's login.
    """

    def __init__(self, project: str, bucket: str, emulator: str = "") -> None:
        if emulator:
            nobody = credentials.AnonymousCredentials()
            options = {"api_endpoint": emulator}
            client = storage.Client(project=project, credentials=nobody, client_options=options)
        else:
            client = storage.Client(project=project)
        self.name = bucket
        self._client = client

    def all(self) -> Iterator[Any]:
        """Yield every file, in the order of names.

        Raises:
            LocalError: there is no such bucket.
        """
        try:
            yield from self._client.list_blobs(self.name)
        except exceptions.NotFound as error:
            raise LocalError(
                f"There is no bucket {self.name}.", "Make it: infra/cloud/gcp/README.md."
            ) from error

    def has(self, blob: Any) -> bool:
        """Whether a file of the name is there, with the same content."""
        found = self._client.bucket(self.name).get_blob(blob.name)
        return found is not None and (found.crc32c, found.size) == (blob.crc32c, blob.size)

    def take(self, blob: Any) -> None:
        """Write another bucket's file here; memory stays at a chunk.

        Raises:
            LocalError: what arrived is not what was sent.
        """
        target = self._client.bucket(self.name).blob(blob.name, chunk_size=CHUNK)
        target.metadata = blob.metadata
        with blob.open("rb", chunk_size=CHUNK) as file:
            target.upload_from_file(file, size=blob.size, content_type=blob.content_type)
        target.reload()
        if target.crc32c != blob.crc32c:
            raise LocalError(f"The file {blob.name} arrived with another content.", "Try again.")
