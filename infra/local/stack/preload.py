"""What the gateway does ahead of starts for Mayfly's functions: imports, and rehearses."""

from collections.abc import Mapping
from pathlib import Path

MODULES = (
    "functions_framework", "functions_framework.aio", "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.off", "granian._granian", "granian.wsgi", "granian.http", "granian._futures",
    "granian._signals", "flask", "msgspec", "structlog", "prometheus_client", "httpx", "cachetools",
    "numpy",
    "onnxruntime", "firebase_admin.firestore", "google.cloud.storage", "google.cloud.firestore",
    "google_crc32c", "netrc",
    "grpc._interceptor", "grpc.aio", "grpc_health.v1.health", "grpc_reflection.v1alpha.reflection",
    "google.protobuf.json_format", "pyarrow.parquet", "pyarrow.compute", "pyarrow.ipc",
    "sklearn.ensemble", "sklearn.linear_model",
    "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing", "sklearn.impute",
    "sklearn.model_selection", "sklearn.metrics", "sklearn.inspection", "sklearn.neighbors",
    "sklearn.dummy", "skl2onnx", "argon2",
)  # fmt: skip
REHEARSAL = Path(__file__).with_name("rehearsal.py")


def variables(given: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that tell the gateway; what is given already stays."""
    usual = {"MAYFLY_PRELOAD": ",".join(MODULES), "GATEWAY_REHEARSAL": str(REHEARSAL)}
    return {name: given.get(name, value) for name, value in usual.items()}
