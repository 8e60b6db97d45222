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


BROKEN = "print('words before the end', flush=True)\nraise RuntimeError('not like this')\n"
FIXED = "def handle(request):\n    return 'mended'\n"


def fetched(plane: Any, name: str) -> str:
    url = f"http://127.0.0.1:{plane.port('GATEWAY')}/function/{name}"
    with urllib.request.urlopen(url, timeout=30) as found:
        return str(found.read().decode())


def test_deploy_tells_what_does_not_start_and_what_does(plane: Any, tmp_path: Path) -> None:
    folder = tmp_path / "patient"
    folder.mkdir()
    main = folder / "main.py"

    main.write_text(BROKEN)
    failed = plane.mayfly("deploy", str(folder))
    assert failed.returncode == 1
    assert "patient-00001 does not start:" in failed.stderr
    assert "Traceback" in failed.stderr
    assert str(main) in failed.stderr
    assert "RuntimeError: not like this" in failed.stderr

    main.write_text(FIXED)
    mended = plane.mayfly("deploy", str(folder))
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert "patient-00002 is ready (" in mended.stdout
    assert fetched(plane, "patient") == "mended"

    main.write_text(BROKEN)
    again = plane.mayfly("deploy", str(folder))
    assert again.returncode == 1
    assert "patient-00003 does not start; patient-00002 goes on serving:" in again.stderr
    assert fetched(plane, "patient") == "mended"

    main.write_text("import time\nprint('I take my time')\ntime.sleep(600)\n" + FIXED)
    late = plane.mayfly("deploy", str(folder), "--timeout", "2")
    assert late.returncode == 1
    assert "patient-00004 does not start; patient-00002 goes on serving:" in late.stderr
    assert "it is not ready after 2." in late.stderr
    assert "I take my time" in late.stderr
    assert plane.mayfly("deploy", str(folder), "--timeout", "0").returncode == 0


def test_a_missing_secret_is_told(plane: Any, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text(FIXED)
    file = tmp_path / "deploy.yaml"

    file.write_text(STACK + "    secrets: [lost]\n")
    refused = plane.mayfly("deploy", str(file))
    assert refused.returncode == 1
    assert "400 secret 'lost' is not there" in refused.stderr
    assert "faas-cli secret create lost" in refused.stderr

    file.write_text(SERVICE + "          envFrom: [{secretRef: {name: lost}}]\n")
    failed = plane.mayfly("deploy", str(file))
    assert failed.returncode == 1
    assert "the secret 'lost' is missing" in failed.stderr

    keys = Path(plane.env["MAYFLY_HOME"]) / "data" / "gateway" / "secrets" / "lost"
    keys.mkdir(parents=True)
    (keys / "KEY").write_text("found")
    found = plane.mayfly("deploy", str(file))  # the same file: it is what it lacked that came
    assert found.returncode == 0, found.stdout + found.stderr
    assert fetched(plane, "hello") == "mended"


def test_the_step_secret_is_not_for_users(plane: Any, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text(FIXED)
    file = tmp_path / "deploy.yaml"
    for text in (
        STACK + "    secrets: [mayfly-step-secret]\n",
        SERVICE + "          envFrom: [{secretRef: {name: mayfly}}]\n",
    ):
        file.write_text(text)
        refused = plane.mayfly("deploy", str(file))
        assert refused.returncode == 1
        assert "is for Mayfly's own functions alone" in refused.stderr


def test_a_field_that_is_not_known_is_refused(plane: Any, tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    file = tmp_path / "deploy.yaml"
    file.write_text(SERVICE.replace("          env:", "          tty: true\n          env:"))

    done = plane.mayfly("deploy", str(file))
    assert done.returncode == 1
    assert 'unknown field "spec.template.spec.containers[0].tty"' in done.stderr

    file.write_text(SERVICE.replace("          env:", "          args: [a]\n          env:"))
    done = plane.mayfly("deploy", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning: spec.template.spec.containers[0].args is not honoured here" in done.stderr
    assert "securityContext" not in done.stderr
