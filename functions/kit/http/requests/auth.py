"""Who may call a route: whoever shows a key or a session, or a function of our own by its token.

Each route says which of these it takes, and what right it needs; a key may be for one thing alone.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.access.api_key import SESSION_PREFIX
from functions.kit.contract.access.identity import ANYONE, SYSTEM, Caller, Identity, Right
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.problems import Problem, unauthorized

# "caller": an API key or a session; "step": a step token; "both": any of them, in a workspace;
# "any": any of them, wherever; "open": anyone.
Rule = Literal["caller", "step", "both", "any", "open"]

WORKSPACE = "X-Workspace"
"""The header that names the workspace that is meant, of those that a session is good for."""
# Headers by WSGI's names: to look up one that is not there takes a microsecond else.
AUTHORIZATION = "HTTP_AUTHORIZATION"
_API_KEY = "HTTP_X_API_KEY"
_WORKSPACE = "HTTP_" + WORKSPACE.upper().replace("-", "_")
SUBJECTS = ("model", "dataset")
"""The parameters of paths that name what a key may be for."""
_UNKNOWN_KEY = "This API key is not known, or counts no more; look at the first and last letters."
_UNKNOWN_SESSION = "This session has ended; sign in again."
_TO = {
    "read": "see things",
    "predict": "have predictions",
    "write": "change things",
    "manage": "manage the workspace",
    "self": "manage an account",
    "operate": "run the system",
}


class Access:
    """Recognises callers.

    Args:
        function: this function's name, part of what a step token signs.
        secret: the secret that signs step tokens.
        identify: credential → whose it is, or None (`Identities.of`).
    """

    def __init__(
        self, function: str, secret: str, identify: Callable[[str], Identity | None]
    ) -> None:
        self._function = function
        self._secret = secret
        self._identify = identify

    def check(self, request: Asked, rule: Rule) -> Caller:
        """Return who calls; see `admit`."""
        return self.admit(request.environ, request.method, request.path, rule)

    def admit(self, environ: Mapping[str, Any], method: str, path: str, rule: Rule) -> Caller:
        """Return who makes, or is about to make, the call of `method` and `path`.

        Args:
            environ: holds the headers of the request that shows the credential, as WSGI does.
            method: the call's.
            path: the call's.
            rule: what the route takes.

        Raises:
            Problem: 401 when the credential that the rule wants is missing or wrong, 403 when it
                is a credential of the other kind, 404 for a workspace that is not the caller's.
        """
        if rule == "open":
            return ANYONE
        scheme, _, credential = environ.get(AUTHORIZATION, "").partition(" ")
        if scheme == step_tokens.SCHEME:
            return self._check_step(method, path, rule, credential)
        given = shown(environ)
        if not given:
            raise unauthorized("Send an API key: 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.")
        found = self._identify(given)
        if found is None or (found.ends is not None and found.ends <= time.time()):
            raise unauthorized(
                _UNKNOWN_SESSION if given.startswith(SESSION_PREFIX) else _UNKNOWN_KEY
            )
        if rule == "step":
            raise Problem(403, "This route is for the system's own steps.")
        return _in_workspace(found, environ.get(_WORKSPACE))

    def _check_step(self, method: str, path: str, rule: Rule, token: str) -> Caller:
        if rule == "caller":
            raise Problem(403, "This route takes an API key, not a step token.")
        call = step_tokens.Call(method, self._function, path)
        signer = step_tokens.signer_of(token, self._secret, call)
        if signer is None:
            raise unauthorized("This step token is wrong or expired.")
        if rule == "both" and not signer.workspace:
            raise Problem(403, "This step token names no workspace, and the route is of one.")
        return Caller(name=signer.name, kind="step", workspace=signer.workspace, rights=SYSTEM)


def shown(environ: Mapping[str, Any]) -> str:
    """Return the key or the session's token that a request shows; empty for none."""
    scheme, _, credential = environ.get(AUTHORIZATION, "").partition(" ")
    found: str = credential if scheme.lower() == "bearer" else environ.get(_API_KEY, "")
    return found


def check_right(caller: Caller, right: Right) -> None:
    """Refuse a caller that lacks a right; raises Problem (403)."""
    if caller.may(right):
        return
    who, remedy = "Your role here", "ask an owner of the workspace for another role"
    if caller.kind == "key":
        who, remedy = f"The key '{caller.name}'", "make one with a wider scope"
    raise Problem(403, f"{who} does not let you {_TO[right]}; {remedy}.")


def check_subject(caller: Caller, parameters: Mapping[str, str], *, filters: bool) -> None:
    """Refuse what a key is not for: another thing is not there (404), the rest is barred (403).

    Args:
        caller: who calls.
        parameters: of the route's path, by name.
        filters: whether the route itself shows no more than what the key is for.

    Raises:
        Problem: 403 or 404.
    """
    if caller.only is None or filters:
        return
    kind, name = caller.only
    if kind not in parameters:
        raise Problem(403, f"The key '{caller.name}' is for the {kind} '{name}' alone.")
    if parameters[kind] != name:
        raise Problem(404, f"There is no {kind} '{parameters[kind]}'.")


def _in_workspace(found: Identity, named: str | None) -> Caller:
    caller = found.callers.get(found.home if named is None else named)
    if caller is None:
        raise Problem(404, f"There is no workspace '{(named or '')[:60]}'.")
    return caller
