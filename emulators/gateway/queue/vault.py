"""Credentials of queued calls: sealed where they lie on disk, and digests that name their owners.

Whoever reads the queue's files, or a backup of them, learns no credential: the key lies apart.
"""

import hashlib
import hmac
import os
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from emulators.gateway.disk import make_folder, write_atomically
from emulators.gateway.model.queued_call import QueuedRequest

Fields = tuple[tuple[bytes, bytes], ...]

CREDENTIALS = frozenset((b"authorization", b"cookie", b"x-api-key"))
_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealError(Exception):
    """Sealed with another key, or for another call."""


class Vault:
    """Seals and opens the credentials of calls.

    Args:
        key: The gateway's, 32 random bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(_derived(key, b"seal"))
        self._naming = _derived(key, b"owner")

    def owner(self, headers: Fields | list[tuple[bytes, bytes]]) -> str:
        """Return a digest of the credential in a request's head; empty where there is none.

        It is the same for an API key in ``Authorization: Bearer`` and in ``X-Api-Key``.
        """
        found = {_credential(name, value) for name, value in headers} - {b""}
        if not found:
            return ""
        text = b"\n".join(sorted(found))
        return hmac.new(self._naming, text, hashlib.sha256).hexdigest()[:32]

    def sealed(self, request: QueuedRequest) -> QueuedRequest:
        """Return the call as it may be on disk: with its owner's digest, credentials sealed."""
        owner = self.owner(request.headers)
        secret = tuple(field for field in request.headers if field[0] in CREDENTIALS)
        if not secret:
            return msgspec.structs.replace(request, owner=owner)
        nonce = os.urandom(_NONCE_BYTES)
        blob = self._cipher.encrypt(nonce, msgspec.msgpack.encode(secret), _bound_to(request))
        plain = tuple(field for field in request.headers if field[0] not in CREDENTIALS)
        return msgspec.structs.replace(request, headers=plain, sealed=nonce + blob, owner=owner)

    def opened(self, request: QueuedRequest) -> QueuedRequest:
        """Return the call as it was made.

        Raises:
            SealError: Its credentials were sealed with another key, or for another call.
        """
        if not request.sealed:
            return request
        nonce, blob = request.sealed[:_NONCE_BYTES], request.sealed[_NONCE_BYTES:]
        try:
            plain = self._cipher.decrypt(nonce, blob, _bound_to(request))
        except (InvalidTag, ValueError) as error:
            raise SealError("its credentials were sealed with another key") from error
        secret = msgspec.msgpack.decode(plain, type=Fields)
        return msgspec.structs.replace(request, headers=request.headers + secret, sealed=b"")


def load_key(path: Path) -> bytes:
    """Return the key in a file, which is made, readable by its owner alone, where it is missing.

    Raises:
        SystemExit: When the file holds none.
    """
    if not path.exists():
        make_folder(path.parent)
        write_atomically(path, os.urandom(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise SystemExit(
            f"{path} does not hold a key of {_KEY_BYTES} bytes: put it back from a backup, or "
            "remove it (queued calls that carry credentials then fail)"
        )
    return key


def _credential(name: bytes, value: bytes) -> bytes:
    if name == b"x-api-key":
        return value.strip()
    if name != b"authorization":
        return b""
    scheme, _, given = value.strip().partition(b" ")
    return given.strip() if scheme.lower() == b"bearer" else value.strip()


def _bound_to(request: QueuedRequest) -> bytes:
    """Return what a seal holds for, so that it cannot be moved to another call."""
    called = request.namespace, request.function, request.method, request.path, request.call_id
    return msgspec.msgpack.encode(called)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.new(key, purpose, hashlib.sha256).digest()
