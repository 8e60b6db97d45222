"""Images one by one: how large they are, that each beside the compose stack starts, too.

What the compose stack starts is probed there (`test_compose.py`).
"""

import copy
import json
import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from infra.local.targets import images
from tests.integration.functions.aws.test_runtime import Runtime
from tests.support.processes import ROOT
from tests.support.tools import takes_minutes
from tests.unit.functions.kit.aws.test_entry import FUNCTION_URL

pytestmark = [pytest.mark.docker, pytest.mark.slow]
BASE = os.environ.get("PYTHON_IMAGE", "python:3.11-slim")
MEGABYTE = 1_000_000
# At most, unpacked, with the base that all share.
MOST_MB = {
    "mayfly/accounts": 400,
    "mayfly/datasets": 500,
    "mayfly/models": 450,
    "mayfly/monitoring": 500,
    "mayfly/prediction": 440,
    "mayfly/reports": 700,
    "mayfly/training": 650,
    "mayfly/emulator-broker": 200,
    "mayfly/emulator-firestore": 250,
    "mayfly/emulator-gateway": 250,
    "mayfly/emulator-storage": 200,
    "mayfly/web": 300,
}


def docker(*words: str) -> str:
    done = subprocess.run(
        ["docker", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip()


def built(*words: str) -> str:
    """Build an image, of whose layers most are there already as a rule; return its id."""
    return docker("build", "-q", "--build-arg", f"PYTHON_IMAGE={BASE}", *words, ".")


def test_every_image_has_a_bound() -> None:
    assert MOST_MB.keys() == images.RECIPES.keys()


@pytest.mark.parametrize("name", images.ALL)
def test_an_image_stays_small(name: str) -> None:
    made = built(*images.RECIPES[name])
    size = int(docker("image", "inspect", "--format", "{{.Size}}", made)) / MEGABYTE
    print(f"{name}: {size:.0f} MB")
    assert size <= MOST_MB[name]


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """Lambda's side of its API."""
    found = Runtime()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


def test_the_image_for_lambda_answers_events(runtime: Runtime) -> None:
    function = built(*images.RECIPES["mayfly/accounts"])
    made = built("--build-arg", f"FUNCTION_IMAGE={function}", "-f", "infra/cloud/aws/Dockerfile")
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_port}",
        "MAYFLY_STEP_SECRET": "a secret of thirty-two characters",
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
        "GOOGLE_CLOUD_PROJECT": "mayfly-local",
    }
    told = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
    # As there: a file system that cannot be written, but for /tmp.
    bound = ("--read-only", "--tmpfs", "/tmp", "--network", "host")
    running = docker("run", "--detach", *bound, *told, made)
    try:
        event = {**copy.deepcopy(FUNCTION_URL), "rawPath": "/_/health", "rawQueryString": ""}
        event["requestContext"]["http"] |= {"method": "GET", "path": "/_/health"}
        kind, answer = runtime.invoke(event)
        assert (kind, answer["statusCode"]) == ("response", 200), docker("logs", running)
    finally:
        docker("rm", "--force", running)


def test_the_image_for_observability_writes_its_files() -> None:
    made = built("-f", "infra/observability/Dockerfile")
    told = docker("run", "--rm", "--tmpfs", "/made:uid=65532", made, "/made", "--web", "web:8000")
    assert "/made/prometheus.yml" in told.splitlines()


@pytest.mark.parametrize("name", ["mayfly/emulator-broker", "mayfly/prediction"])
def test_two_builds_are_the_same_layers(name: str) -> None:
    takes_minutes()
    layers = []
    for _ in range(2):
        made = built("--no-cache", *images.RECIPES[name])
        layers.append(
            json.loads(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", made))
        )
    assert layers[0] == layers[1]
