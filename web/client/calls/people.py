"""Calls to the function `accounts` for the people of a workspace."""

from typing import Any

from web.client.account_schemas import Invitation, Person
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, Look, once, path


class People:
    """Members and invitations of the workspace that the reader is in."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Person]:
        """Return one page of the members."""
        return self._endpoint.page(Person, "/people", limit, cursor, *look)

    def change_role(self, account: str, role: str) -> None:
        """Give a member another role."""
        self._endpoint.call(Any, "PATCH", path("people", account), json={"role": role})

    def remove(self, account: str) -> None:
        """Take a member out; raises Conflict for the last owner."""
        self._endpoint.call(Any, "DELETE", path("people", account))

    def invitations(self, limit: int, cursor: str | None = None) -> Page[Invitation]:
        """Return one page of the invitations that nobody has taken yet."""
        return self._endpoint.page(Invitation, "/invitations", limit, cursor)

    def invite(self, email: str, role: str, repeat: str) -> Invitation:
        """Invite somebody; the answer has the token. `repeat` as in `Keys.make`."""
        order = {"email": email, "role": role}
        return self._endpoint.call(
            Invitation, "POST", "/invitations", json=order, headers=once(repeat)
        )

    def withdraw(self, invitation: str) -> None:
        """Take an invitation back."""
        self._endpoint.call(Any, "DELETE", path("invitations", invitation))
