"""200 requests a second while the function is scaled 3, 1, 4, rolled to a new revision and back.

``python -m benchmarks.gateway.rolling_update [--rate 200] [--seconds 30]``: no answer but 2xx is
wanted.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.gateway.harness import FIXTURE, NAME, Running, gateway
from benchmarks.stack import ROOT

PATH = "/apis/serving.knative.dev/v1/namespaces/default/services"


def put(running: Running, folder: Path, revision: str, traffic: str = "") -> None:
    """Deploy a folder as a revision of a name; ``traffic`` pins another."""
    template = {
        "metadata": {"name": f"{NAME}-{revision}"},
        "spec": {"containers": [{"image": str(folder)}]},
    }
    spec: dict[str, object] = {"template": template}
    if traffic:
        spec["traffic"] = [{"revisionName": f"{NAME}-{traffic}", "percent": 100}]
    service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": NAME},
        "spec": spec,
    }
    status, answer = running.ask("PUT", f"{PATH}/{NAME}", service)
    if status == 404:
        status, answer = running.ask("POST", PATH, service)
    assert status in (200, 201), answer


def story(running: Running, other: Path, seconds: float) -> None:
    """Do to the function what happens to it meanwhile."""
    pause = seconds / 7
    for replicas in (3, 1, 4):
        time.sleep(pause)
        running.ask("POST", f"/system/scale-function/{NAME}", {"replicas": replicas})
    time.sleep(pause)
    put(running, other, "two")
    time.sleep(pause)
    put(running, other, "two", traffic="one")
    time.sleep(pause)
    put(running, other, "two")


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    preload = "functions_framework,granian._granian,granian.wsgi"
    with gateway(preload) as running, tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "two"
        shutil.copytree(FIXTURE, other)
        put(running, FIXTURE, "one")
        assert running.ask("GET", f"/function/{NAME}/")[0] == 200
        command = [sys.executable, "-m", "benchmarks.gateway.open_loop", "--rate", str(given.rate)]
        command += ["--seconds", str(given.seconds), "--path", f"/function/{NAME}/"]
        command += ["--to", f"127.0.0.1:{running.port}"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as load:
            story(running, other, given.seconds)
            output, _ = load.communicate()
        result = json.loads(output)
    print(
        f"{given.rate:g}/s for {given.seconds:g} s, scaled 3, 1, 4, rolled and back: "
        f"{result['statuses']} (wanted: 200 alone), p99 {result['p99']:.1f} ms"
    )


if __name__ == "__main__":
    main()
