"""Calls to the function `accounts` for API keys."""

from typing import Any

from web.client.account_schemas import Key
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, Look, once, path


class Keys:
    """Keys of the workspace that the reader is in."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Key]:
        """Return one page of keys: one's own, or with `of=all` everybody's."""
        return self._endpoint.page(Key, "/keys", limit, cursor, *look)

    def make(self, order: dict[str, Any], repeat: str) -> Key:
        """Make a key: name, scopes, perhaps only and days; the answer has the key itself.

        `repeat` is the same when the same order is sent again.
        """
        return self._endpoint.call(Key, "POST", "/keys", json=order, headers=once(repeat))

    def rotate(self, key: str, overlap_seconds: int, repeat: str) -> Key:
        """Make another in its place; the old one counts for so many seconds more."""
        order = {"overlap_seconds": overlap_seconds}
        route = path("keys", key, "rotate")
        return self._endpoint.call(Key, "POST", route, json=order, headers=once(repeat))

    def revoke(self, key: str) -> None:
        """Let a key not count any more."""
        self._endpoint.call(Any, "DELETE", path("keys", key))
