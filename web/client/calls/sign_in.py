"""Calls to the function `accounts` by somebody who is not signed in yet."""

from dataclasses import dataclass
from typing import Any

import msgspec

from web.client import credentials
from web.client.account_schemas import Mode, Signed
from web.client.transport.endpoint import Endpoint


@dataclass(frozen=True)
class Visitor:
    """The browser that asks: the function slows down those who guess, by their address."""

    address: str
    agent: str

    def headers(self) -> dict[str, str]:
        """Return the fields that pass it on."""
        return {"X-Forwarded-For": self.address, "User-Agent": self.agent}


class SignUp(msgspec.Struct):
    """The mode in which accounts are made."""

    mode: Mode


class SignIn:
    """Ways to begin a session. Each raises SignedOut where what is shown is wrong."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def mode(self) -> Mode:
        """Return who may make an account."""
        with credentials.using(None):
            return self._endpoint.call(SignUp, "GET", "/sign-up").mode

    def sign_up(self, visitor: Visitor, order: dict[str, str]) -> Signed | None:
        """Make an account: email, name, password and perhaps the token of an invitation.

        None: it is made once the link is opened that was sent to the address.
        """
        with credentials.using(None):
            return self._endpoint.call(
                Signed | None,  # type: ignore[arg-type]
                "POST",
                "/sign-up",
                json=order,
                headers=visitor.headers(),
            )

    def by_password(self, visitor: Visitor, email: str, password: str) -> Signed:
        """Sign in."""
        return self._signed("/sign-in", visitor, {"email": email, "password": password})

    def by_link(self, visitor: Visitor, token: str) -> Signed:
        """Sign in by a token that counts once."""
        return self._signed("/sign-in/link", visitor, {"token": token})

    def forgotten(self, visitor: Visitor, email: str) -> None:
        """Have a link sent that sets another password, if there is such an account."""
        with credentials.using(None):
            self._endpoint.call(
                Any,
                "POST",
                "/password/forgotten",
                json={"email": email},
                headers=visitor.headers(),
            )

    def reset(self, visitor: Visitor, token: str, password: str) -> Signed:
        """Set another password by the token of such a link."""
        return self._signed("/password/reset", visitor, {"token": token, "password": password})

    def _signed(self, path: str, visitor: Visitor, order: dict[str, str]) -> Signed:
        with credentials.using(None):  # whoever is signed in has no part in it
            return self._endpoint.call(Signed, "POST", path, json=order, headers=visitor.headers())
