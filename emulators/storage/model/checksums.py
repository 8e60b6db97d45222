"""CRC-32C and MD5, as the API writes them: big-endian, in base64."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Any

import google_crc32c

from emulators.storage.model.errors import InvalidError


class Checksums:
    """Both, while the bytes go by."""

    def __init__(self, *, with_md5: bool = True) -> None:
        self._crc32c: Any = google_crc32c.Checksum()  # type: ignore[no-untyped-call]  # has no types
        self._md5 = hashlib.md5(usedforsecurity=False) if with_md5 else None
        self.size = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._crc32c.update(data)
        if self._md5 is not None:
            self._md5.update(data)
        self.size += len(data)

    def fields(self) -> dict[str, str]:
        """Return what an object says of its content: size and checksums."""
        found = {"size": str(self.size), "crc32c": _text(self._crc32c.digest())}
        if self._md5 is not None:
            found["md5Hash"] = _text(self._md5.digest())
        return found


@dataclass(frozen=True, slots=True)
class Expected:
    """The checksums that a sender gave; empty where it gave none."""

    crc32c: str = ""
    md5: str = ""

    def check(self, found: dict[str, str]) -> None:
        """Let content pass that has arrived as it was sent.

        Raises:
            InvalidError: It is not what was sent.
        """
        for name, wanted, key in (
            ("CRC32C", self.crc32c, "crc32c"),
            ("MD5", self.md5, "md5Hash"),
        ):
            if wanted and key in found and wanted != found[key]:
                raise InvalidError(
                    f"Provided {name} hash '{wanted}' doesn't match calculated {name} hash "
                    f"'{found[key]}'."
                )

    def joined(self, other: "Expected") -> "Expected":
        """Return these, and the other's where there are none."""
        return Expected(self.crc32c or other.crc32c, self.md5 or other.md5)


def expected_of(crc32c: str, md5: str) -> Expected:
    """Return checksums that are of the right form.

    Raises:
        InvalidError: One is not.
    """
    for name, text, size in (("CRC32C", crc32c, 4), ("MD5", md5, 16)):
        if text and not _is_digest(text, size):
            raise InvalidError(f"Invalid value for {name} hash: {text[:100]!r}.")
    return Expected(crc32c, md5)


def read_hash_header(text: str) -> Expected:
    """Return what `X-Goog-Hash` says (`crc32c=...,md5=...`)."""
    found = {"crc32c": "", "md5": ""}
    for one in text.split(","):
        name, _, value = one.strip().partition("=")
        if name.lower() in found:
            found[name.lower()] = value
    return expected_of(found["crc32c"], found["md5"])


def _is_digest(text: str, size: int) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == size
    except (binascii.Error, ValueError):
        return False


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
