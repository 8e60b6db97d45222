"""Keys of customers: an object asks for the key that it was written with.

The contents are not encrypted: what is kept of a key is its checksum, as the real service shows it.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import replace

from emulators.storage.model.errors import InvalidError
from emulators.storage.model.records import Fields, Version

OWN, SOURCE = "x-goog-encryption-", "x-goog-copy-source-encryption-"
FIELD = "customerEncryption"
_ALGORITHM = "AES256"
_KEY_BYTES = 32


def read_key(headers: Mapping[str, str], prefix: str = OWN) -> str:
    """Return the checksum of the key that a request brings; "" where it brings none.

    Raises:
        InvalidError: It is no key.
    """
    told, text = headers.get(f"{prefix}algorithm", ""), headers.get(f"{prefix}key", "")
    if not told and not text:
        return ""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    checksum = base64.b64encode(hashlib.sha256(key).digest()).decode()
    wanted = headers.get(f"{prefix}key-sha256", "")
    if told != _ALGORITHM or len(key) != _KEY_BYTES or wanted != checksum:
        raise InvalidError(
            "A customer-supplied encryption key is 32 bytes in base64, with its SHA-256 and the "
            "algorithm AES256."
        )
    return checksum


def field(checksum: str) -> Fields:
    """Return what an object's fields say of its key."""
    if not checksum:
        return {}
    return {FIELD: {"encryptionAlgorithm": _ALGORITHM, "keySha256": checksum}}


def check(version: Version, checksum: str) -> None:
    """Let an object be read with the key that it was written with.

    Raises:
        InvalidError: It needs a key, another one, or none.
    """
    wanted = (version.fields.get(FIELD) or {}).get("keySha256", "")
    if wanted == checksum:
        return
    if not wanted:
        raise InvalidError("The target object is not encrypted by a customer-supplied key.")
    what = "The provided encryption key is incorrect" if checksum else (
        "The target object is encrypted by a customer-supplied encryption key"
    )  # fmt: skip
    raise InvalidError(f"{what}.")


def without_checksums(version: Version) -> Version:
    """Return an object as it is shown to those without its key."""
    if FIELD not in version.fields:
        return version
    hidden = ("crc32c", "md5Hash")
    shown = {name: value for name, value in version.fields.items() if name not in hidden}
    return replace(version, fields=shown)
