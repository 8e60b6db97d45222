"""Lets `onnx_file` examine a model's file in a process of its own, within bounds."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import structlog

from functions.kit.contract.errors import Away, Flaw
from functions.kit.contract.models.signature import SPREAD, Feature, Signature
from functions.models.adapters.config import CheckSettings
from functions.models.adapters.onnx_file import FILE, Expected

log = structlog.get_logger()

PROGRAM = Path(__file__).with_name("onnx_file.py")
# What the libraries and a small model may take, and how much a file of trees grows while it is
# parsed, checked and opened (measured: 200 MB, and 18 times).
BASE_BYTES = 512 * 1024 * 1024
TIMES = 20
# The processor's time is what is bounded: a machine that is busy is not the model's fault. The
# clock's time only ends what does not get on, so many times as long, and so many seconds at least.
PATIENCE = 4
LEAST_PATIENCE = 30
AT_ONCE = 1  # two might together take more memory than there is
WAIT_SECONDS = 15.0
# No secret of ours goes to a process that runs what a stranger wrote.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ORT_DISABLE_TELEMETRY": "1"}


class Examiner:
    """Examines files, at most AT_ONCE at a time."""

    def __init__(self, settings: CheckSettings) -> None:
        self._settings = settings
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def flaws(self, file: IO[bytes], size: int, signature: Signature) -> list[Flaw]:
        """Return what is wrong with an open file of `size` bytes, held against its signature.

        Raises:
            Away: when it could not be examined in time; that says nothing of the file.
        """
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise Away("Other models are being checked; register this one again.", retry_after=5)
        try:
            return self._examine(file, expected(signature, size, self._settings))
        finally:
            self._free.release()

    def _examine(self, file: IO[bytes], wanted: Expected) -> list[Flaw]:
        try:
            with tempfile.TemporaryFile() as told:
                told.write(json.dumps(wanted).encode())
                done = _run(file, told, max(PATIENCE * wanted["seconds"], LEAST_PATIENCE))
        except subprocess.TimeoutExpired as error:
            raise Away("The model's file could not be checked in time.", retry_after=5) from error
        if done.returncode < 0:
            return [Flaw(_ended_by(-done.returncode, wanted), column=FILE)]
        if done.returncode > 0:
            raise RuntimeError(f"{PROGRAM.name} failed: {done.stderr[-2000:]!r}")
        return [Flaw(reason, column=place) for reason, place in json.loads(done.stdout)]


def _run(file: IO[bytes], told: IO[bytes], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run the program on `file`; what it is held against is in `told`, too long for an argument."""
    for one in (file, told):
        one.flush()
        os.lseek(one.fileno(), 0, os.SEEK_SET)  # the process reads from where the file stands
    return subprocess.run(  # noqa: S603 - a program of ours; what it reads, it expects
        [sys.executable, "-I", PROGRAM, str(told.fileno())],
        stdin=file,
        pass_fds=(told.fileno(),),
        capture_output=True,
        env=_environment(),
        cwd="/",
        timeout=seconds,
        check=False,
    )


def expected(signature: Signature, size: int, settings: CheckSettings) -> Expected:
    """Say what a file of `size` bytes is held against."""
    outputs = {signature.output: 1 if signature.task == "regression" else len(signature.labels)}
    if signature.certainty is not None and signature.certainty.scaled:
        outputs[SPREAD] = 1
    return {
        "inputs": {one.input: (one.encoding, _sample(one)) for one in signature.features},
        "outputs": outputs,
        "memory": min(BASE_BYTES + TIMES * size, settings.memory_bytes),
        "seconds": settings.seconds,
    }


def _sample(feature: Feature) -> Any:
    if feature.encoding in {"float", "double"}:
        return 0.0
    return feature.levels[0] if feature.levels else ""


def _environment() -> dict[str, str]:
    return QUIET | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def _ended_by(number: int, wanted: Expected) -> str:
    """Say why the kernel ended the examination."""
    if number == signal.SIGXCPU:
        return (
            f"Expected to be opened and to answer within {wanted['seconds']} s of processor time; "
            "it takes more. Look for loops without an end, or train a smaller model"
        )
    if number == signal.SIGKILL:
        return f"Expected to need at most {wanted['memory']:,} bytes of memory; it takes more"
    return f"onnxruntime ends with signal {number} over it"
