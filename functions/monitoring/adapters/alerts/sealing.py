"""Seals what is secret of channels: whoever reads the documents, or a backup, learns none of it.

The key follows from the step secret; who changes that gives channels their secrets anew.
"""

import base64
import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from functions.kit.contract.errors import Gone
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives.ciphers import aead
else:  # of those who send to webhooks alone
    exceptions = Lazy("cryptography.exceptions")
    aead = Lazy("cryptography.hazmat.primitives.ciphers.aead")

_PURPOSE = b"mayfly channels"
_NONCE_BYTES = 12


class Seal:
    """Seals texts, each for one place: moved elsewhere it cannot be opened.

    Args:
        secret: the step secret.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()

    def sealed(self, text: str, place: str) -> str:
        """Return a text as it may be stored."""
        nonce = os.urandom(_NONCE_BYTES)
        blob = aead.AESGCM(self._key).encrypt(nonce, text.encode(), place.encode())
        return base64.b64encode(nonce + blob).decode()

    def opened(self, sealed: str, place: str) -> str:
        """Return the text.

        Raises:
            Gone: it was sealed with another key, or for another place.
        """
        whole = base64.b64decode(sealed)
        nonce, blob = whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
        try:
            return aead.AESGCM(self._key).decrypt(nonce, blob, place.encode()).decode()
        except (exceptions.InvalidTag, ValueError) as error:
            raise Gone(
                "The channel's secret was sealed with another step secret; give it anew."
            ) from error
