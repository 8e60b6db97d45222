"""How the gateway is asked to administer functions: where it is, and the password that it wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from web.addresses import DEFAULT_GATEWAY

PASSWORD_FILE = "MAYFLY_GATEWAY_PASSWORD_FILE"  # noqa: S105 - a variable's name


@dataclass(frozen=True)
class Administration:
    """Access to the gateway's own API; whoever has it may run anything there.

    Attributes:
        url: the gateway.
        user: for basic auth.
        password: for basic auth; only calls to `url` carry it.
        metrics: where Prometheus would read; empty where nobody says.
        namespace: whose functions these are, as Kubernetes names it.
    """

    url: str
    user: str
    password: str = field(repr=False)
    metrics: str = ""
    namespace: str = "default"


def from_env(env: Mapping[str, str]) -> Administration | None:
    """Read it; None where this container was given no password.

    Raises:
        ValueError: the file cannot be read or is empty; the text names key, value and remedy.
    """
    name = env.get(PASSWORD_FILE)
    if not name:
        return None
    try:
        password = Path(name).read_text().strip()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ValueError(f"{PASSWORD_FILE}={name!r}: {reason}; {_REMEDY}.") from error
    if not password:
        raise ValueError(f"{PASSWORD_FILE}={name!r} is empty; {_REMEDY}.")
    namespace = env.get("MAYFLY_NAMESPACE") or "default"
    return Administration(
        url=(env.get("MAYFLY_GATEWAY_URL") or DEFAULT_GATEWAY).rstrip("/"),
        user=env.get("MAYFLY_GATEWAY_USER") or "admin",
        password=password,
        metrics=env.get("MAYFLY_GATEWAY_METRICS_URL", "").rstrip("/"),
        namespace="default" if namespace == "openfaas-fn" else namespace,
    )


_REMEDY = "it holds the gateway's password, or is left out"
