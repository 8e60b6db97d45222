"""Step tokens: how one function may call another, or itself later, without a stored API key.

A token is `<expiry>.<hex HMAC-SHA256>` over the method, the function, the path and the expiry
(Unix seconds). It opens that one call until then; it travels through the durable queue, where
an API key must never lie.
"""

import hashlib
import hmac
import time

SCHEME = "Step"
LIFETIME = 24 * 3600
LONGEST_EXPIRY = 12  # digits of Unix seconds


def _digest(secret: str, method: str, function: str, path: str, expiry: int) -> str:
    text = f"{method}\n{function}\n{path}\n{expiry}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def authorization(
    secret: str, method: str, function: str, path: str, now: float | None = None
) -> str:
    """Return the `Authorization` header value for one call, good for LIFETIME seconds."""
    expiry = int(time.time() if now is None else now) + LIFETIME
    return f"{SCHEME} {expiry}.{_digest(secret, method, function, path, expiry)}"


def opens(
    token: str, secret: str, method: str, function: str, path: str, now: float | None = None
) -> bool:
    """Tell whether `token` (without its scheme) is a valid, unexpired token for the call."""
    text, _, digest = token.partition(".")
    if not text.isascii() or not text.isdecimal() or not digest.isascii():
        return False
    if len(text) > LONGEST_EXPIRY:
        return False
    expiry = int(text)
    if expiry < (time.time() if now is None else now):
        return False
    return hmac.compare_digest(digest, _digest(secret, method, function, path, expiry))
