"""Calls to the function `accounts` by whoever runs the system."""

from typing import Any

from web.client.account_schemas import Account, SystemSettings
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, Look, once, path


class System:
    """All accounts, and what counts for all of them."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Account]:
        """Return one page of the accounts."""
        return self._endpoint.page(Account, "/accounts", limit, cursor, *look)

    def make(self, order: dict[str, Any], repeat: str) -> Account:
        """Make an account: email, name, plan, password. `repeat` as in `Keys.make`."""
        return self._endpoint.call(Account, "POST", "/accounts", json=order, headers=once(repeat))

    def change(self, account: str, change: dict[str, Any]) -> None:
        """Give an account another plan, or shut it out."""
        self._endpoint.call(Any, "PATCH", path("accounts", account), json=change)

    def settings(self) -> SystemSettings:
        """Return what counts for all."""
        return self._endpoint.call(SystemSettings, "GET", "/settings")

    def set_sign_up(self, mode: str) -> None:
        """Say who may make an account."""
        self._endpoint.call(Any, "PATCH", "/settings", json={"sign_up": mode})
