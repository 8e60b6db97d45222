"""Secrets of a gateway of OpenFaaS, as `faas-cli secret` keeps them; each failure in one line."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx

from infra.local.deploying.gateway import reason_of
from infra.local.errors import LocalError

_PATH = "/system/secrets"
_SECONDS = 30.0
_SUCH = "Give one such as https://gateway.example.org"


def address(text: str) -> httpx.URL:
    """Return the address of a gateway; raises LocalError where a text is none."""
    try:
        found = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise LocalError(f"{text!r} is no address of a gateway ({error}).", _SUCH) from error
    if found.scheme not in {"http", "https"} or not found.host:
        raise LocalError(f"{text!r} is no address of a gateway.", _SUCH)
    return found


class OpenFaasSecrets:
    """A client of one gateway.

    Args:
        url: where it is.
        authorization: who we are.
        namespace: of the functions; empty for the gateway's own.
        verify: whether its certificate is looked at.
    """

    def __init__(self, url: str, authorization: str, namespace: str, *, verify: bool) -> None:
        self._url = url
        self._namespace = {"namespace": namespace} if namespace else {}
        headers = {"Authorization": authorization}
        self._http = httpx.Client(headers=headers, timeout=_SECONDS, verify=verify)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def names(self) -> set[str]:
        """Return the names of all secrets.

        Raises:
            LocalError: the gateway is not there, does not let us in, or is none.
        """
        answer = self._ask("GET", params=self._namespace)
        try:
            return {str(secret["name"]) for secret in answer.json() or ()}
        except (ValueError, TypeError, KeyError) as error:
            raise LocalError(
                f"What answers at {self._url} is no gateway of OpenFaaS: {answer.text[:60]!r}."
            ) from error

    def put(self, name: str, value: str, *, there: bool) -> None:
        """Make a secret, or replace the one that is there; raises LocalError."""
        body = {"name": name, "value": value, **self._namespace}
        self._ask("PUT" if there else "POST", json=body)

    def _ask(self, method: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, self._url + _PATH, **options)
        except httpx.TransportError as error:
            raise self._away(error) from error
        if answer.status_code == 401:
            raise LocalError(
                f"{self._url} does not take this password.", "See faas-cli login, --password-stdin."
            )
        if answer.is_redirect:
            place = answer.headers.get("location", "elsewhere")
            raise LocalError(f"{self._url} sends on to {place}.", "Give that address.")
        if not answer.is_success:
            told = f"{answer.status_code} {reason_of(answer)}"
            raise LocalError(
                f"{method} {self._url}{_PATH}: {told}.",
                "The plane of ./mayfly up has these secrets already; its key is .mayfly/key.",
            )
        return answer

    def _away(self, error: httpx.TransportError) -> LocalError:
        said = str(error) or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in said or isinstance(
            error.__cause__, ssl.SSLCertVerificationError
        ):
            return LocalError(
                f"The certificate of {self._url} is not trusted ({said}).",
                "SSL_CERT_FILE names who signed it; --tls-no-verify looks at none.",
            )
        if "SSL" in said:
            return LocalError(
                f"{self._url} speaks no TLS that we understand ({said}).",
                "Is it an http:// address?",
            )
        return LocalError(f"No gateway answers at {self._url} ({said}).", "Is the address right?")
