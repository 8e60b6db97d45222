"""Who may call a route: the holder of an API key, or a function of our own with a step token."""

from collections.abc import Callable
from typing import Literal

from flask import Request
from werkzeug.datastructures import Headers

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.api_key import Caller
from functions.kit.http.problems import Problem, unauthorized

# "key": an API key; "step": a step token; "both": either; "open": anyone.
Rule = Literal["key", "step", "both", "open"]

ANYONE = Caller("anyone", "open")


class Access:
    """Recognises callers.

    Args:
        function: this function's name, part of what a step token signs.
        secret: the secret that signs step tokens.
        caller: key → its holder, or None (`KeyRing.caller`).
    """

    def __init__(self, function: str, secret: str, caller: Callable[[str], Caller | None]) -> None:
        self._function = function
        self._secret = secret
        self._caller = caller

    def check(self, request: Request, rule: Rule) -> Caller:
        """Return who calls; see `admit`."""
        return self.admit(request.headers, request.method, request.path, rule)

    def admit(self, headers: Headers, method: str, path: str, rule: Rule) -> Caller:
        """Return who makes, or is about to make, the call of `method` and `path`.

        Raises:
            Problem: 401 when the credential that the rule wants is missing or wrong, 403 when it
                is a credential of the other kind.
        """
        if rule == "open":
            return ANYONE
        scheme, _, credential = headers.get("Authorization", "").partition(" ")
        if scheme == step_tokens.SCHEME:
            return self._check_step(method, path, rule, credential)
        key = credential if scheme.lower() == "bearer" else headers.get("X-Api-Key", "")
        if not key:
            raise unauthorized("Send an API key: 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.")
        found = self._caller(key)
        if found is None:
            raise unauthorized("This API key is not known; look at the first and last letters.")
        if rule == "step":
            raise Problem(403, "This route is for the system's own steps.")
        return found

    def _check_step(self, method: str, path: str, rule: Rule, token: str) -> Caller:
        if rule == "key":
            raise Problem(403, "This route takes an API key, not a step token.")
        call = step_tokens.Call(method, self._function, path)
        name = step_tokens.caller_of(token, self._secret, call)
        if name is None:
            raise unauthorized("This step token is wrong or expired.")
        return Caller(name, "step")
