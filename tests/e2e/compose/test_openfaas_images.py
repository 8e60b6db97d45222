"""An image is built from what `faas-cli build` puts together, by the real engine.

Its own `CreateBuildContext`: the handler's content, and what `configuration.copy` names, from the
root; then `docker build` with the function's `build_args`. `docker build` as the README's loop does
it is what compose does (`test_compose.py`).
"""

import os
import shutil
import subprocess
import uuid

import pytest
import yaml

from infra.local.deploying.envsubst import expand
from tests.support.processes import ROOT

pytestmark = [pytest.mark.docker, pytest.mark.slow]
IGNORED = shutil.ignore_patterns("__pycache__")


def docker(*arguments, **options):
    return subprocess.run(
        ["docker", *arguments], check=True, timeout=900, capture_output=True, text=True, **options
    )


def context(folder, handler, copied):
    """Lay out a build context as `faas-cli` does for the language `dockerfile`."""
    for path in (ROOT / handler).iterdir():
        _copy(path, folder / path.name)
    for name in copied:
        _copy(ROOT / name, folder / name)
    return folder


def _copy(source, target):
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=IGNORED)
    else:
        shutil.copy(source, target)


def test_faas_cli_s_build_makes_an_image_that_starts(tmp_path):
    stack = yaml.safe_load(expand((ROOT / "infra/openfaas/stack.ce.yaml").read_text(), {}))
    function = stack["functions"]["datasets"]
    built = context(tmp_path, function["handler"], stack["configuration"]["copy"])
    arguments = dict(function["build_args"])
    if "PYTHON_IMAGE" in os.environ:
        arguments["PYTHON_IMAGE"] = os.environ["PYTHON_IMAGE"]
    words = [
        word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")
    ]
    tag = f"mayfly-test-{uuid.uuid4().hex[:8]}"
    docker("build", *words, "--tag", tag, ".", cwd=built)
    try:
        program = "import functions.datasets.main"
        secret = ["--env", "MAYFLY_STEP_SECRET=s", "--env", "GOOGLE_CLOUD_PROJECT=p"]
        emulators = [
            "--env",
            "FIRESTORE_EMULATOR_HOST=x:1",
            "--env",
            "STORAGE_EMULATOR_HOST=http://x:1",
        ]
        docker("run", "--rm", *secret, *emulators, tag, "python", "-c", program)
    finally:
        docker("image", "rm", "--force", tag)
