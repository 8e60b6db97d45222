"""Credentials: what they look like, and what is kept of them.

A key is `mfk_`, 43 letters of base 62 (256 random bits) and six more, the CRC-32 of those, as
GitHub's tokens have it: scanners find it by its prefix and know it from a chance likeness by its
checksum, and what was never a key is refused without a look at what is stored. Only its SHA-256 is
stored: of 256 random bits, so no salt is needed.
"""

import hashlib
import secrets
import string
import zlib

from functions.kit.lazy import pattern

PREFIX = "mfk_"
SESSION_PREFIX = "mfs_"
# Where the documents of credentials are.
SESSIONS, API_KEYS = "sessions", "api_keys"
OLD_PREFIX = "mf_"
"""Of the keys of earlier releases, which have no checksum."""
# The secrets of a system: the variable that holds one, and the file, OpenFaaS's name of it.
STEP_SECRET = ("MAYFLY_STEP_SECRET", "mayfly-step-secret")
FIRST_KEY = ("MAYFLY_FIRST_KEY", "mayfly-first-key")

BITS = 256
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM, _CHECK = 43, 6  # letters: what 256 bits and 32 bits take
_ID = 32  # hex digits
_FORM = pattern(f"mf[ks]_([0-9A-Za-z]{{{_RANDOM}}})([0-9A-Za-z]{{{_CHECK}}})")


def new_key() -> str:
    """Return a fresh key."""
    return credential(PREFIX, secrets.token_bytes(BITS // 8))


def new_session() -> str:
    """Return a fresh session's token."""
    return credential(SESSION_PREFIX, secrets.token_bytes(BITS // 8))


def credential(prefix: str, seed: bytes) -> str:
    """Return the credential that 32 bytes make; raises ValueError for another number of them."""
    if len(seed) * 8 != BITS:
        raise ValueError(f"{len(seed)} bytes make no credential; {BITS // 8} do.")
    letters = _base62(int.from_bytes(seed), _RANDOM)
    return prefix + letters + _checksum(letters)


def is_well_formed(text: str) -> bool:
    """Tell whether `text` can be a credential at all; no secret has a part in that."""
    if text.startswith(OLD_PREFIX):
        return True
    found = _FORM.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def is_key(text: str) -> bool:
    """Tell whether `text` can be an API key."""
    return text.startswith((PREFIX, OLD_PREFIX)) and is_well_formed(text)


def digest(credential: str) -> str:
    """Return the stored form of a credential: SHA-256 in hex."""
    return hashlib.sha256(credential.encode()).hexdigest()


def id_of(digest: str) -> str:
    """Return the id of the key of a digest, 32 hex digits: it names the key and opens nothing."""
    return hashlib.sha256(digest.encode()).hexdigest()[:_ID]


def _checksum(letters: str) -> str:
    return _base62(zlib.crc32(letters.encode()), _CHECK)


def _base62(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, rest = divmod(number, len(_LETTERS))
        found = _LETTERS[rest] + found
    return found
