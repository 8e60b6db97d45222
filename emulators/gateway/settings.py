"""Settings, read once at the edge."""

import argparse
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from emulators.gateway.model.addresses import (
    VARIABLE,
    AddressError,
    Rules,
    ports_of,
    read_entries,
)
from emulators.gateway.model.apis import ALL, Api, read_apis
from emulators.gateway.model.apis import VARIABLE as APIS_VARIABLE
from emulators.gateway.model.probes import Liveness
from emulators.gateway.model.routing import HOSTS_VARIABLE, ORIGINS_VARIABLE
from emulators.gateway.specs.edition import Edition
from emulators.kit import secret_files
from emulators.kit.door import read_hosts, read_origins

# What serves any function. Whoever starts the gateway knows what else its functions use.
DEFAULT_PRELOAD = (
    "functions_framework,granian._granian,granian.wsgi,granian.http,granian._futures,"
    "granian._signals,flask,functions_framework.aio,uvicorn.protocols.http.httptools_impl,"
    "uvicorn.lifespan.off"
)

_MEGABYTE = 1024 * 1024
_PORTS_OF_PARTS = {  # as the launcher has them
    "MAYFLY_WEB_PORT": 8000,
    "MAYFLY_GRPC_PORT": 8081,
    "MAYFLY_FIRESTORE_PORT": 8200,
    "MAYFLY_STORAGE_PORT": 9023,
    "MAYFLY_NATS_PORT": 4222,
}


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set. Times in seconds, sizes in bytes."""

    data: Path
    root: Path
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = 8082
    nats_url: str = "nats://127.0.0.1:4222"
    nats_token: str = ""  # none: a server that wants none
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    user: str = "admin"
    password: str = ""
    preload: tuple[str, ...] = ()
    rehearsal: Path | None = None
    static_functions: dict[str, str] = {}
    static_annotations: dict[str, str] = {}
    max_replicas: int = 20
    replica_threads: int = 32
    spares: int = 1
    warm_parents: int = 512 * _MEGABYTE  # what those of functions may take together; 0 for none
    start_limit: float = 60.0
    stop_grace: float = 30.0
    ack_wait: float = 10.0
    zero_grace: float = 30.0
    access_log: bool = True
    part_logs: Path | None = None
    liveness: Liveness = Liveness()
    overtime_grace: float = 2.0
    hidden: tuple[Path, ...] = ()
    edition: Edition = "pro"
    apis: frozenset[Api] = ALL
    zero_scale: bool = False  # whether revisions may begin with no replica
    outward: Rules = Rules()  # where callers' URLs may lead
    otlp_endpoint: str = ""  # where spans go; empty: none are made
    pages: str = ""  # address of the page that shows the functions; empty: there is none


def from_arguments(arguments: list[str], env: Mapping[str, str]) -> Settings:
    """Read the command line and the environment.

    Raises:
        SystemExit: With a line naming the wrong key, value and wanted type.
    """
    parsed = _parser(env).parse_args(arguments)
    data = Path(parsed.data).resolve()
    return Settings(
        data=data,
        root=Path(parsed.root).resolve(),
        host=parsed.host,
        port=parsed.port,
        metrics_port=parsed.metrics_port,
        nats_url=parsed.nats,
        nats_token=_nats_token(env),
        allowed_hosts=_listed(env, HOSTS_VARIABLE, read_hosts),
        allowed_origins=_listed(env, ORIGINS_VARIABLE, read_origins),
        user=env.get("GATEWAY_USER", "admin"),
        password=_password(env, data),
        preload=tuple(filter(None, env.get("MAYFLY_PRELOAD", DEFAULT_PRELOAD).split(","))),
        rehearsal=_rehearsal(env),
        static_functions=_static(env.get("MAYFLY_STATIC_FUNCTIONS", "")),
        static_annotations=_pairs(env, "MAYFLY_STATIC_ANNOTATIONS"),
        max_replicas=_whole(env, "GATEWAY_MAX_REPLICAS", 20),
        replica_threads=_whole(env, "GATEWAY_REPLICA_THREADS", 32),
        spares=_whole(env, "GATEWAY_SPARES", 1),
        warm_parents=_whole(env, "GATEWAY_WARM_PARENTS_MB", 512) * _MEGABYTE,
        start_limit=_seconds(env, "GATEWAY_START_LIMIT", 60.0),
        stop_grace=_seconds(env, "GATEWAY_STOP_GRACE", 30.0),
        ack_wait=_seconds(env, "GATEWAY_ACK_WAIT", 10.0),
        zero_grace=_seconds(env, "GATEWAY_ZERO_GRACE", 30.0),
        edition=_edition(env),
        apis=_apis(env),
        zero_scale=_switch(env, "GATEWAY_ZERO_INITIAL_SCALE", "off"),
        outward=_outward(env, parsed),
        otlp_endpoint=_otlp_endpoint(env),
        pages=_address(env, "GATEWAY_PAGES"),
        liveness=_liveness(env),
        overtime_grace=_seconds(env, "GATEWAY_OVERTIME_GRACE", 2.0),
        hidden=_hidden(env),
        access_log=_switch(env, "GATEWAY_ACCESS_LOG", "on"),
        part_logs=Path(env["GATEWAY_PART_LOGS"]) if env.get("GATEWAY_PART_LOGS") else None,
    )


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulators.gateway", description=__doc__)
    home = Path(env.get("MAYFLY_HOME", ".mayfly"))
    parser.add_argument("--data", default=str(home / "gateway"), help="folder for its state")
    parser.add_argument("--root", default=".", help="folder that holds functions/")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=_whole(env, "MAYFLY_GATEWAY_PORT", 8080))
    metrics = _whole(env, "MAYFLY_GATEWAY_METRICS_PORT", 8082)
    parser.add_argument("--metrics-port", type=int, default=metrics)
    nats = f"nats://127.0.0.1:{_whole(env, 'MAYFLY_NATS_PORT', 4222)}"
    parser.add_argument("--nats", default=env.get("NATS_URL", nats))
    return parser


def _whole(env: Mapping[str, str], key: str, default: int) -> int:
    text = env.get(key, str(default))
    if not text.isdigit():
        raise SystemExit(f"{key}={text!r}: a whole number is wanted")
    return int(text)


def _seconds(env: Mapping[str, str], key: str, default: float) -> float:
    text = env.get(key, str(default))
    try:
        return float(text)
    except ValueError:
        raise SystemExit(f"{key}={text!r}: a number of seconds is wanted") from None


def _switch(env: Mapping[str, str], key: str, default: str) -> bool:
    text = env.get(key, default)
    if text not in ("on", "off"):
        raise SystemExit(f"{key}={text!r}: on or off is wanted")
    return text == "on"


def _otlp_endpoint(env: Mapping[str, str]) -> str:
    """Read the endpoint as OpenTelemetry does; the exporter reads its other variables itself."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ""
    for key in ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        url = env.get(key, "").strip()
        if url and not url.startswith(("http://", "https://")):
            raise SystemExit(f"{key}={url!r}: http://host:port of a collector is wanted")
        if url:
            return url
    return ""


def _address(env: Mapping[str, str], key: str) -> str:
    text = env.get(key, "")
    if text and not re.fullmatch(r"https?://[!-~]+", text):
        raise SystemExit(f"{key}={text!r}: the http:// address of a page is wanted")
    return text


def _liveness(env: Mapping[str, str]) -> Liveness:
    usual = Liveness()
    period = _seconds(env, "GATEWAY_LIVENESS_PERIOD", usual.period)
    failures = _whole(env, "GATEWAY_LIVENESS_FAILURES", usual.failures)
    if not period > 0:
        raise SystemExit(f"GATEWAY_LIVENESS_PERIOD={period:g}: more than 0 seconds are wanted")
    if not failures:
        raise SystemExit("GATEWAY_LIVENESS_FAILURES=0: 1 or more are wanted")
    return Liveness(period, failures)


def _hidden(env: Mapping[str, str]) -> tuple[Path, ...]:
    """Return what replicas are not to see, also the password's own file."""
    named = env.get("GATEWAY_HIDDEN", "").split(os.pathsep)
    named.append(env.get("GATEWAY_PASSWORD_FILE", ""))
    return tuple(Path(path).resolve() for path in filter(None, named))


def _rehearsal(env: Mapping[str, str]) -> Path | None:
    named = env.get("GATEWAY_REHEARSAL", "")
    if named and not Path(named).is_file():
        raise SystemExit(f"GATEWAY_REHEARSAL={named!r}: a file of Python's is wanted")
    return Path(named).resolve() if named else None


def _edition(env: Mapping[str, str]) -> Edition:
    text = env.get("GATEWAY_EDITION", "pro")
    if text not in ("ce", "pro"):
        raise SystemExit(f"GATEWAY_EDITION={text!r}: ce or pro is wanted")
    return "ce" if text == "ce" else "pro"


def _apis(env: Mapping[str, str]) -> frozenset[Api]:
    try:
        return read_apis(env.get(APIS_VARIABLE) or "openfaas,knative")
    except ValueError as error:
        raise SystemExit(str(error)) from error


def _static(text: str) -> dict[str, str]:
    functions = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, url = entry.partition("=")
        if not url.startswith("http://"):
            raise SystemExit(f"MAYFLY_STATIC_FUNCTIONS: {entry!r}: name=http://host:port is wanted")
        functions[name] = url.rstrip("/")
    return functions


def _listed(
    env: Mapping[str, str], key: str, read: Callable[[str, str], tuple[str, ...]]
) -> tuple[str, ...]:
    try:
        return read(env.get(key, ""), key)
    except ValueError as error:
        raise SystemExit(str(error)) from error


def _pairs(env: Mapping[str, str], key: str) -> dict[str, str]:
    found = {}
    for entry in filter(None, (part.strip() for part in env.get(key, "").split(","))):
        name, sign, value = entry.partition("=")
        if not sign:
            raise SystemExit(f"{key}: {entry!r}: name=value is wanted")
        found[name] = value
    return found


def _outward(env: Mapping[str, str], parsed: argparse.Namespace) -> Rules:
    """Return what may be called: the public, and what is named, but never the gateway itself."""
    parts = (_whole(env, key, port) for key, port in _PORTS_OF_PARTS.items())
    own = {parsed.port, parsed.metrics_port}
    try:
        allowed = read_entries(env.get(VARIABLE, ""))
    except AddressError as error:
        raise SystemExit(str(error)) from error
    return Rules(allowed, ports_of([parsed.nats]) | own | set(parts), frozenset(own))


def _password(env: Mapping[str, str], data: Path) -> str:
    """Return the password file's content; without one, a password made once and kept.

    There is no open mode: whoever may deploy may run code, and any web page can reach loopback.
    """
    named = env.get("GATEWAY_PASSWORD_FILE")
    path = Path(named) if named else data / "basic-auth-password"
    return _secret(
        secret_files.read if named else secret_files.ensure, path, "GATEWAY_PASSWORD_FILE"
    )


def _nats_token(env: Mapping[str, str]) -> str:
    """Return what the queue's server wants to see; empty where neither variable is set."""
    if env.get("NATS_TOKEN_FILE"):
        return _secret(secret_files.read, Path(env["NATS_TOKEN_FILE"]), "NATS_TOKEN_FILE")
    if "NATS_TOKEN" not in env:
        return ""
    try:
        return secret_files.checked(env["NATS_TOKEN"], "NATS_TOKEN")
    except ValueError as error:
        raise SystemExit(str(error)) from error


def _secret(read: Callable[[Path], str], path: Path, key: str) -> str:
    try:
        return read(path)
    except (ValueError, OSError) as error:
        raise SystemExit(
            f"{key}={str(path)!r}: a readable file with a secret is wanted ({error})"
        ) from error
