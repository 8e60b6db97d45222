"""`./mayfly deploy` of files that were written for a cluster."""

import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import PATIENCE

MAIN = """
import os
def handle(request):
    return os.environ["GREETING"]
"""
STACK = """
provider: {name: openfaas, gateway: "http://127.0.0.1:8080"}
functions:
  thumbs:
    lang: python3-http
    handler: ./code
    image: registry.example/thumbs:1
    environment: {GREETING: "${WORD:-from the stack file}"}
"""
SERVICE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello}
spec:
  template:
    spec:
      containers:
        - image: registry.example/someone/code:latest
          env: [{name: GREETING, value: from the Service}]
"""


@pytest.fixture
def plane(launcher: Any) -> Any:
    launcher.env["MAYFLY_PRELOAD"] = "functions_framework,granian._granian,granian.wsgi"
    started = launcher.mayfly("up", "--detach", "--only", "nats", "--only", "gateway")
    assert started.returncode == 0, started.stdout + started.stderr
    return launcher


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [(STACK, "thumbs", "from the stack file"), (SERVICE, "hello", "from the Service")],
)
def test_a_file_for_a_cluster_runs_the_code_beside_it(
    plane: Any, tmp_path: Path, text: str, name: str, answer: str
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text(MAIN)
    file = tmp_path / "deploy.yaml"
    file.write_text(text)

    done = plane.mayfly("deploy", str(file))

    assert done.returncode == 0, done.stdout + done.stderr
    url = f"http://127.0.0.1:{plane.port('GATEWAY')}/function/{name}"
    assert f"{name}: {url}" in done.stdout
    with urllib.request.urlopen(url, timeout=30) as found:
        assert found.read().decode() == answer


def test_mayfly_s_own_stack_file_finds_its_secret(plane: Any) -> None:
    done = plane.mayfly("deploy", "infra/openfaas/stack.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    url = f"http://127.0.0.1:{plane.port('GATEWAY')}/function/models/_/health"
    with urllib.request.urlopen(url, timeout=PATIENCE) as found:
        assert found.status == 200
