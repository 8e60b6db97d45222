"""What others serve models with, each in an environment of its own, around the same file."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from benchmarks import environments
from benchmarks.prediction.stack import COLUMNS, MODEL, RECORD
from benchmarks.serving import servers
from benchmarks.serving.servers import Server
from benchmarks.stack import free_ports

PEERS = Path(__file__).parent / "peers"
MLSERVER = f"/v2/models/{MODEL}/infer"
BENTOML = "/predict"


@contextlib.contextmanager
def mlserver(
    model: Path, folder: Path, speaks: Literal["http", "grpc"] = "http"
) -> Iterator[Server]:
    """Run MLServer, without processes of its own beside: that is faster for one row.

    Args:
        model: the ONNX file that it serves.
        folder: to be made, for its settings.
        speaks: what the address that is given understands.
    """
    ports = dict(zip(("http", "grpc", "metrics"), free_ports(3), strict=True))
    settings: dict[str, Any] = {f"{name}_port": port for name, port in ports.items()}
    settings |= {"host": "127.0.0.1", "parallel_workers": 0, "debug": False}
    implementation = "benchmarks.serving.peers.mlserver_onnx.OnnxModel"
    described: dict[str, Any] = {"name": MODEL, "implementation": implementation}
    described |= {"parameters": {"uri": str(model), "version": "1"}}
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(json.dumps(described))
    python = environments.python("serving-mlserver", PEERS / "mlserver.txt")
    command = [str(python), "-m", "mlserver.cli.main", "start", str(folder)]
    with servers.running(command, {}, ports[speaks]) as server:
        yield server


@contextlib.contextmanager
def bentoml(model: Path, folder: Path) -> Iterator[Server]:
    """Run BentoML with one worker; what it keeps goes to a folder."""
    [port] = free_ports(1)
    python = environments.python("serving-bentoml", PEERS / "bentoml.txt")
    command = [str(python), "-m", "bentoml", "serve", "benchmarks.serving.peers.bentoml_onnx:Onnx"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    own = {"MODEL": str(model), "BENTOML_HOME": str(folder), "BENTOML_DO_NOT_TRACK": "True"}
    # Its worker is started by name, as this environment's programs are found.
    own["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    with servers.running(command, own, port) as server:
        yield server


def tensors() -> bytes:
    """Return the record as a body of the Open Inference Protocol, in JSON."""
    return json.dumps({"inputs": [_tensor(name) for name in COLUMNS]}).encode()


def _tensor(name: str) -> dict[str, object]:
    value = RECORD[name]
    datatype = "BYTES" if isinstance(value, str) else "FP32"
    return {"name": name, "shape": [1, 1], "datatype": datatype, "data": [value]}
