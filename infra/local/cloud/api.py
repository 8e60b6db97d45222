"""Google's APIs by REST, with whatever login this machine has."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from functions.kit.lazy import Lazy
from infra.local.errors import LocalError

if TYPE_CHECKING:
    import google.auth.exceptions as auth_exceptions
    import requests
else:
    auth_exceptions = Lazy("google.auth.exceptions")
    requests = Lazy("requests")

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
OVERRIDE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_"
"""With a service's name behind it: another address for it, as gcloud has it."""
TIMEOUT = 30.0
OFF = "SERVICE_DISABLED"
"""The reason of a refusal where the API itself is off in the project."""
LOGIN = "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS=FILE."


class MissingError(Exception):
    """A thing is not there."""


class RefusedError(Exception):
    """An API does not answer what is asked.

    Args:
        message: what it says of that.
        reason: in its own word, such as OFF; empty for none.
    """

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class Api:
    """The APIs of one project.

    Args:
        session: what sends with an identity (`AuthorizedSession`).
        environment: other addresses of services.
    """

    def __init__(self, session: Any, environment: Mapping[str, str] = os.environ) -> None:
        self._session = session
        self._environment = environment

    def get(self, service: str, path: str, **query: Any) -> dict[str, Any]:
        """Ask for a thing.

        Args:
            service: such as `firestore`.
            path: such as `v1/projects/p/databases/(default)`.
            query: what stands behind the question mark; a list for a name that comes often.

        Raises:
            MissingError: it is not there.
            RefusedError: the API does not say.
            LocalError: there is no valid login, or no way to the API.
        """
        return self._asked("GET", service, path, params=query)

    def post(self, service: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask with a body; raises as `get` does."""
        return self._asked("POST", service, path, json=body)

    def all(self, service: str, path: str, field: str, **query: Any) -> list[Any]:
        """Ask for a list, page after page; raises as `get` does."""
        found: list[Any] = []
        token = ""
        while True:
            pages = {"pageToken": token} if token else {}
            answer = self.get(service, path, **query, **pages)
            found += answer.get(field, [])
            token = answer.get("nextPageToken", "")
            if not token:
                return found

    def _asked(self, method: str, service: str, path: str, **more: Any) -> dict[str, Any]:
        own = self._environment.get(OVERRIDE + service.upper())
        url = f"{(own or f'https://{service}.googleapis.com').rstrip('/')}/{path}"
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT, **more)
        except auth_exceptions.GoogleAuthError as error:
            raise LocalError(f"Google refuses the login ({_line(error)}).", LOGIN) from error
        except requests.RequestException as error:
            raise LocalError(f"{url} does not answer ({_line(error)}).") from error
        if answer.status_code == 401:
            raise LocalError(f"{url} does not know the login.", LOGIN)
        if answer.status_code == 404:
            raise MissingError(path)
        if answer.status_code != 200:
            raise _refused(answer)
        return _object(answer, url)


def login(project: str) -> Any:
    """Return a session with this machine's login; raises LocalError where there is none.

    Args:
        project: whose quota the calls of a person count against; a service account has its own.
    """
    import google.auth  # noqa: PLC0415 - this command alone needs it
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415 - as above
    from google.oauth2.credentials import Credentials  # noqa: PLC0415 - as above

    try:
        found, _ = google.auth.default(scopes=SCOPES)
    except auth_exceptions.GoogleAuthError as error:
        raise LocalError(f"No login of Google's can be used ({_line(error)}).", LOGIN) from error
    if isinstance(found, Credentials) and not found.quota_project_id:
        found = found.with_quota_project(project)
    return AuthorizedSession(found)


def _object(answer: Any, url: str) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise LocalError(f"{url} answers with something else than an API does.")
    return found


def _refused(answer: Any) -> RefusedError:
    """Return what an error of Google's says: `{"error": {"message", "details": [...]}}`."""
    try:
        error = answer.json()["error"]
        reasons = [each["reason"] for each in error.get("details", ()) if "reason" in each]
        return RefusedError(str(error["message"]), reasons[0] if reasons else "")
    except (ValueError, KeyError, TypeError):
        return RefusedError(f"{answer.status_code} {answer.text.strip()[:200]}")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
