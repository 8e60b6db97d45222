"""A function's container: its one process, from its first moment to its last."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.processes import PATIENCE, ROOT, Emulator, answers, free_port, wait_until

SERVE = "functions.kit.http.serve"
SLOW = """
import pathlib, time

def handle(request):
    pathlib.Path(request.args["begun"]).touch()
    time.sleep(1.0)
    return "whole"
"""
# Google's clients, what they bring, and the numeric libraries: each costs more than all of ours.
# Hashing, mail, odd encodings and workbooks are for few calls.
HEAVY = (
    "firebase_admin", "google.api_core", "google.cloud.firestore", "google.cloud.storage", "grpc",
    "httpx", "requests", "numpy", "onnx", "onnxruntime", "pandas", "pyarrow", "scipy", "sklearn",
    "skl2onnx", "argon2", "smtplib", "charset_normalizer", "python_calamine", "lightgbm",
    "altair", "IPython", "jupytext", "nbclient", "nbformat", "typst", "vl_convert",
)  # fmt: skip
FUNCTIONS = ("accounts", "datasets", "models", "monitoring", "prediction", "reports", "training")
FIRST_ANSWER = """
import sys
from functions.kit.http.serve import container_app
from werkzeug.test import Client
assert Client(container_app()).get("/_/health").status_code == 200
print(*sorted(sys.modules))
"""


def _handles_sigterm(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line for line in lines if line.startswith("SigCgt:")).split()[1]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let functions tell nobody of their calls: whoever keeps that is not there."""
    monkeypatch.setenv("MAYFLY_ACTIVITY", "off")
    monkeypatch.setenv("MAYFLY_PREDICTION_LOG", "off")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_first_answer_waits_for_nothing_that_it_does_not_need(function: str) -> None:
    source = ROOT / "functions" / function / "main.py"
    environment = {"FUNCTION_SOURCE": str(source), "MAYFLY_STEP_SECRET": "secret"}
    found = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER],
        cwd=ROOT, env=os.environ | environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert set(found.stdout.split()) & set(HEAVY) == set()


def test_a_sigterm_before_it_listens_ends_it() -> None:
    """The first process of a container has no handler but its own, and would live on."""
    port = free_port()
    source = str(ROOT / "functions" / "prediction" / "main.py")
    environment = os.environ | {"PORT": str(port), "FUNCTION_SOURCE": source}
    with subprocess.Popen([sys.executable, "-m", SERVE], cwd=ROOT, env=environment) as process:
        wait_until(lambda: _handles_sigterm(process.pid), what="the handler")
        early = not answers(f"tcp://127.0.0.1:{port}")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert early


def test_the_same_image_serves_by_grpc_where_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    source = str(ROOT / "functions" / "prediction" / "main.py")
    own = {"PORT": str(port), "FUNCTION_SOURCE": source, "MAYFLY_SERVES": "grpc"}
    for name, value in {**own, "MAYFLY_STEP_SECRET": "secret"}.items():
        monkeypatch.setenv(name, value)
    probe = [sys.executable, "-m", "functions.kit.grpc.probe"]
    with Emulator(SERVE, [], port, f"tcp://127.0.0.1:{port}") as process:
        assert subprocess.run(probe, cwd=ROOT, check=False).returncode == 0
        second = subprocess.run(
            [sys.executable, "-m", SERVE], cwd=ROOT, check=False, capture_output=True, text=True
        )
        assert (second.returncode, f"PORT: 127.0.0.1:{port} cannot be" in second.stderr) == (
            1,
            True,
        )
        assert process.stop() == 0
    away = subprocess.run(probe, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (away.returncode, f"port {port} does not answer" in away.stderr) == (1, True)


def test_what_has_begun_ends_before_the_process_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text(SLOW)
    port, begun = free_port(), tmp_path / "begun"
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "main.py"))
    monkeypatch.setenv("PORT", str(port))

    def call() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", f"/?begun={begun}")
        return connection.getresponse().read()

    with (
        Emulator(SERVE, [], port, f"tcp://127.0.0.1:{port}") as process,
        ThreadPoolExecutor() as pool,
    ):
        answer = pool.submit(call)
        wait_until(begun.exists, what="the call")
        assert process.stop() == 0
        assert answer.result() == b"whole"


def test_a_taken_port_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.py").write_text(SLOW)
    monkeypatch.setenv("FUNCTION_SOURCE", str(tmp_path / "main.py"))
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        ended = subprocess.run(
            [sys.executable, "-m", SERVE], cwd=ROOT, check=False, capture_output=True, text=True
        )
    assert ended.returncode == 1
    assert ended.stderr == (
        f"PORT: port {port} cannot be listened on: Address already in use (os error 98).\n"
    )
