"""Calls to the function `accounts` for the reader's own account."""

from typing import Any, TypeVar

from web.client import credentials
from web.client.account_schemas import Me, Membership, Session, Workspace
from web.client.transport import time_limits
from web.client.transport.endpoint import Endpoint, once, path

T = TypeVar("T")

SIGN_OUT = "/sign-out"
ALL = 100
"""More than a person has of workspaces or sessions."""


class Accounts:
    """The account that is signed in; all but `me` is the same in each of its workspaces."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def me(self) -> Me:
        """Return who calls; it takes no more of a page's time than `time_limits.READER`."""
        with time_limits.within(time_limits.READER):
            return self._endpoint.call(Me, "GET", "/me")

    def rename(self, name: str) -> None:
        """Give the account another name."""
        self._call(Any, "PATCH", "/me", json={"name": name})

    def change_password(self, current: str, password: str) -> None:
        """Set another password; `current` is empty where there is none yet."""
        known = {"current": current} if current else {}
        self._call(Any, "POST", "/password", json={**known, "password": password})

    def sign_out(self) -> None:
        """End the session."""
        self._call(Any, "POST", SIGN_OUT)

    def sessions(self) -> list[Session]:
        """Return where the account is signed in."""
        return self._all(Session, "/sessions")

    def end_session(self, session: str) -> None:
        """End another session."""
        self._call(Any, "DELETE", path("sessions", session))

    def workspaces(self) -> list[Workspace]:
        """Return the workspaces that the account belongs to."""
        return self._all(Workspace, "/workspaces")

    def make_workspace(self, name: str, repeat: str) -> Workspace:
        """Make a workspace; `repeat` as in `Keys.make`."""
        return self._call(
            Workspace, "POST", "/workspaces", json={"name": name}, headers=once(repeat)
        )

    def accept(self, token: str) -> Membership:
        """Join the workspace that an invitation is for."""
        return self._call(Membership, "POST", "/invitations/accept", json={"token": token})

    def _call(
        self,
        kind: type[T],
        method: str,
        path: str,
        json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> T:
        again = path == SIGN_OUT
        with credentials.at_home():
            return self._endpoint.call(
                kind, method, path, json=json, headers=headers, repeatable=again
            )

    def _all(self, kind: type[T], path: str) -> list[T]:
        with credentials.at_home():
            return self._endpoint.page(kind, path, ALL, None).items
