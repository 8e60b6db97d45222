"""Settings, read once at the edge."""

import argparse
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from emulators.gateway.specs.edition import Edition
from emulators.gateway.specs.revision import Liveness

DEFAULT_PRELOAD = (
    "functions_framework,granian._granian,granian.wsgi,granian.http,granian._futures,"
    "granian._signals,flask,msgspec,structlog,prometheus_client,httpx,numpy,onnxruntime,"
    "firebase_admin.firestore,google.cloud.storage,google.cloud.firestore,grpc._interceptor,"
    "pyarrow.parquet,sklearn.ensemble,sklearn.linear_model,sklearn.pipeline,sklearn.compose,"
    "sklearn.preprocessing,sklearn.impute,sklearn.model_selection,sklearn.metrics,"
    "sklearn.inspection,sklearn.neighbors,sklearn.dummy,skl2onnx"
)


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set. Times in seconds, sizes in bytes."""

    data: Path
    root: Path
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = 8082
    nats_url: str = "nats://127.0.0.1:4222"
    user: str = "admin"
    password: str = ""
    preload: tuple[str, ...] = ()
    static_functions: dict[str, str] = {}
    max_replicas: int = 20
    replica_threads: int = 32
    spares: int = 1
    start_limit: float = 60.0
    stop_grace: float = 30.0
    ack_wait: float = 10.0
    zero_grace: float = 30.0
    access_log: bool = True
    liveness: Liveness = Liveness()
    overtime_grace: float = 2.0
    hidden: tuple[Path, ...] = ()
    edition: Edition = "pro"
    otlp_endpoint: str = ""  # where spans go; empty: none are made


def from_arguments(arguments: list[str], env: Mapping[str, str]) -> Settings:
    """Reads the command line and the environment.

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
        user=env.get("GATEWAY_USER", "admin"),
        password=_password(env, data),
        preload=tuple(filter(None, env.get("MAYFLY_PRELOAD", DEFAULT_PRELOAD).split(","))),
        static_functions=_static(env.get("MAYFLY_STATIC_FUNCTIONS", "")),
        max_replicas=_whole(env, "GATEWAY_MAX_REPLICAS", 20),
        replica_threads=_whole(env, "GATEWAY_REPLICA_THREADS", 32),
        spares=_whole(env, "GATEWAY_SPARES", 1),
        start_limit=_seconds(env, "GATEWAY_START_LIMIT", 60.0),
        stop_grace=_seconds(env, "GATEWAY_STOP_GRACE", 30.0),
        ack_wait=_seconds(env, "GATEWAY_ACK_WAIT", 10.0),
        zero_grace=_seconds(env, "GATEWAY_ZERO_GRACE", 30.0),
        edition=_edition(env),
        otlp_endpoint=_otlp_endpoint(env),
        liveness=_liveness(env),
        overtime_grace=_seconds(env, "GATEWAY_OVERTIME_GRACE", 2.0),
        hidden=_hidden(env),
        access_log=_switch(env, "GATEWAY_ACCESS_LOG", "on"),
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
    """As OpenTelemetry reads it; the exporter reads the rest of its variables itself."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return ""
    for key in ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        url = env.get(key, "").strip()
        if url and not url.startswith(("http://", "https://")):
            raise SystemExit(f"{key}={url!r}: http://host:port of a collector is wanted")
        if url:
            return url
    return ""


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
    """What replicas are not to see, also the password's own file."""
    named = env.get("GATEWAY_HIDDEN", "").split(os.pathsep)
    named.append(env.get("GATEWAY_PASSWORD_FILE", ""))
    return tuple(Path(path).resolve() for path in filter(None, named))


def _edition(env: Mapping[str, str]) -> Edition:
    text = env.get("GATEWAY_EDITION", "pro")
    if text not in ("ce", "pro"):
        raise SystemExit(f"GATEWAY_EDITION={text!r}: ce or pro is wanted")
    return "ce" if text == "ce" else "pro"


def _static(text: str) -> dict[str, str]:
    functions = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, url = entry.partition("=")
        if not url.startswith("http://"):
            raise SystemExit(f"MAYFLY_STATIC_FUNCTIONS: {entry!r}: name=http://host:port is wanted")
        functions[name] = url.rstrip("/")
    return functions


def _password(env: Mapping[str, str], data: Path) -> str:
    """The password file's content; without one, a password made once and kept beside the data.

    There is no open mode: whoever may deploy may run code, and any web page can reach loopback.
    """
    named = env.get("GATEWAY_PASSWORD_FILE")
    path = Path(named) if named else data / "basic-auth-password"
    if not named and not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 (opens with a mode of its own)
            file.write(secrets.token_urlsafe(24))
    try:
        password = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SystemExit(
            f"GATEWAY_PASSWORD_FILE={str(path)!r}: a readable file is wanted"
        ) from error
    if not password:
        raise SystemExit(f"GATEWAY_PASSWORD_FILE={str(path)!r}: the file is empty")
    return password
