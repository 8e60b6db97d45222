"""Registers models through the registry's HTTP API, as training does, or past its checks."""

import uuid
from typing import Any

import msgspec
from flask.testing import FlaskClient

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.registration import Registration, files_of
from functions.models.adapters.store import Store
from functions.models.service.registry import Service
from tests.support.callers.identities import caller
from tests.support.models.onnx import Exported


def store(trained: Exported, name: str, workspace: str = MAIN) -> dict[str, Any]:
    """Put the ONNX file into the bucket; return what a registration says of it."""
    path = f"{files_of(Place(workspace, name))}{uuid.uuid4().hex}.onnx"
    Files(Settings.from_env()).write(path, trained.data, "application/octet-stream")
    return {"path": path, "sha256": trained.sha256, "bytes": len(trained.data)}


def registration(trained: Exported, file: dict[str, Any], job: str) -> dict[str, Any]:
    """Return the body that registers a model."""
    return {
        "job": job,
        "dataset": "people",
        "revision": 3,
        "snapshot": "snapshots/people/3-x.parquet",
        "target": "target",
        "task": trained.signature.task,
        "algorithm": "logistic_regression",
        "settings": {"C": 1.0, "layers": [[1, 2], [3]]},
        "metrics": {"holdout": {"accuracy": 0.9}},
        "evaluation": {"roc": [[0.0, 0.0], [1.0, 1.0]]},
        "signature": msgspec.to_builtins(trained.signature),
        "file": file,
        "card": {"about": "people"},
    }


def register(
    models: FlaskClient,
    key: dict[str, str],
    name: str,
    trained: Exported,
    workspace: str = MAIN,
) -> int:
    """Register one version of `name` in the workspace that `key` is of; return its number."""
    body = registration(trained, store(trained, name, workspace), uuid.uuid4().hex)
    answer = models.post(f"/models/{name}/versions", json=body, headers=key)
    assert answer.status_code == 201, answer.text
    version: int = answer.get_json()["version"]
    return version


def register_unchecked(name: str, exported: Exported) -> int:
    """Register a version whose file nobody looked at, as one from before there were checks."""
    service = Service(Store(), Files(Settings.from_env()), lambda _: None, SystemClock())
    body = registration(exported, store(exported, name), uuid.uuid4().hex)
    told = msgspec.convert(body, Registration)
    version, _ = service.register(Place(MAIN, name), told, caller("tests"))
    return version.version
