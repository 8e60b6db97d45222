"""What is kept of buckets, of each generation of an object, and of uploads in chunks."""

from dataclasses import dataclass, replace
from typing import Any, Self

from emulators.storage.model.etags import etag

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket.

    Attributes:
        fields: What its resource says besides its name and what follows from it; never changed.
    """

    name: str
    metageneration: int
    fields: Fields

    def changed(self, fields: Fields) -> Self:
        """Return it with other fields, one metageneration later."""
        return replace(self, metageneration=self.metageneration + 1, fields=fields)

    @property
    def etag(self) -> str:
        """What tells its states apart."""
        return etag(0, self.metageneration)

    def setting(self, *path: str) -> Any:
        """Return a setting by its way through the fields; None where it is not set."""
        found: Any = self.fields
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    @property
    def generation(self) -> str:
        """What tells it from others that had its name."""
        return str(self.fields.get("generation", "1"))

    @property
    def keeps_versions(self) -> bool:
        """Whether what is overwritten or deleted stays as a noncurrent generation."""
        return bool(self.setting("versioning", "enabled"))

    @property
    def has_uniform_access(self) -> bool:
        """Whether there are no ACLs."""
        return bool(self.setting("iamConfiguration", "uniformBucketLevelAccess", "enabled"))


@dataclass(frozen=True, slots=True)
class Version:
    """One generation of an object.

    Attributes:
        live: Whether the name alone stands for it.
        content: Names its bytes in the store of contents.
        fields: What its resource says besides the above and what follows from it; never changed.
        gone: For one that is deleted softly when it is for good, in seconds since 1970; else 0.
    """

    bucket: str
    name: str
    generation: int
    metageneration: int
    live: bool
    content: str
    fields: Fields
    gone: float = 0.0

    def changed(self, fields: Fields) -> Self:
        """Return it with other fields, one metageneration later."""
        return replace(self, metageneration=self.metageneration + 1, fields=fields)

    @property
    def etag(self) -> str:
        """What tells its states apart."""
        return etag(self.generation, self.metageneration)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return int(self.fields["size"])

    @property
    def is_gzip(self) -> bool:
        """Whether its bytes are compressed for the way."""
        return str(self.fields.get("contentEncoding", "")).lower() == "gzip"


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload in chunks.

    Attributes:
        request: What its first request said: `fields`, `query`, and the checksums it gave.
        done: The generation that came of it; None while it is under way.
    """

    id: str
    bucket: str
    name: str
    created: float
    request: Fields
    done: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """What a caller calls an object; no generation stands for the live one."""

    bucket: str
    name: str
    generation: int | None = None
