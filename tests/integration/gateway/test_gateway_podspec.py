"""What a container's spec says besides its image holds for the process that stands for it."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import wait_until

FUNCTION = """
import os

def handle(request):
    return {"env": dict(os.environ), "cwd": os.getcwd(), "status": open("/proc/self/status").read()}
"""
PROGRAM = """
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen = {"env": dict(os.environ), "cwd": os.getcwd(), "words": sys.argv[1:]}
        seen["status"] = open("/proc/self/status").read()
        content = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
COMMAND = """
import json, os
status = open("/proc/self/status").read()
print(json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "status": status}))
"""
RUNTIMES = ("function", "program", "classic")


def container_of(gateway: Any, name: str, runtime: str, **spec: Any) -> dict[str, Any]:
    """A container that tells what it finds, in each way of running."""
    folder = gateway.folder / name
    folder.mkdir(exist_ok=True)
    if runtime == "function":
        (folder / "main.py").write_text(FUNCTION)
        return {"image": str(folder), **spec}
    if runtime == "program":
        (folder / "serve.py").write_text(PROGRAM)
        return {"image": str(folder), "command": ["python", f"{folder}/serve.py"], **spec}
    (folder / "run.py").write_text(COMMAND)
    process = {"name": "fprocess", "value": f"python {folder}/run.py"}
    return {"image": str(folder), **spec, "env": [*spec.get("env", ()), process]}


def seen(gateway: Any, name: str) -> Any:
    status, _, body = gateway.call("GET", f"/function/{name}/")
    assert status == 200, body
    return json.loads(body)


def reason(gateway: Any, name: str) -> str:
    wait_until(lambda: gateway.ready(name) == "False", what=f"the failure of {name}")
    conditions = gateway.service(name)["status"]["conditions"]
    return str(next(c["message"] for c in conditions if c["type"] == "Ready"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_values_and_words_refer_to_variables(gateway: Any, runtime: str) -> None:
    env = [
        {"name": "HOST", "value": "db"},
        {"name": "URL", "value": "http://$(HOST)/$(LATER)/$$(HOST)"},
        {"name": "LATER", "value": "1"},
    ]
    spec = {"env": env} | ({"args": ["$(URL)", "$(PORT)"]} if runtime == "program" else {})
    name = f"referring-{runtime}"
    container = container_of(gateway, name, runtime, **spec)
    gateway.deploy(name, image=container["image"], container=container)
    found = seen(gateway, name)
    assert found["env"]["URL"] == "http://db/$(LATER)/$(HOST)"
    if runtime == "program":
        assert found["words"] == ["http://db/$(LATER)/$(HOST)", found["env"]["PORT"]]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_begins_in_its_working_folder(gateway: Any, tmp_path: Path, runtime: str) -> None:
    name = f"placed-{runtime}"
    container = container_of(gateway, name, runtime, workingDir=str(tmp_path))
    gateway.deploy(name, image=container["image"], container=container)
    assert seen(gateway, name)["cwd"] == str(tmp_path)


@pytest.mark.parametrize(
    ("folder", "named"),
    [("/no/such/folder", "No such file or directory"), ("here", "give an absolute path")],
)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_working_folder_that_is_not_there_is_named(
    gateway: Any, runtime: str, folder: str, named: str
) -> None:
    name = f"lost-{runtime}-{len(folder)}"
    container = container_of(gateway, name, runtime, workingDir=folder)
    gateway.deploy(name, image=container["image"], container=container)
    told = reason(gateway, name)
    assert f"workingDir {folder!r}" in told
    assert named in told


RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells of capabilities")
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_container_gives_up_its_process_has_not(gateway: Any, runtime: str) -> None:
    name = f"modest-{runtime}"
    container = container_of(gateway, name, runtime, securityContext=RESTRICTED)
    gateway.deploy(name, image=container["image"], container=container)
    lines = seen(gateway, name)["status"].splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    kinds = ("CapEff", "CapPrm", "CapBnd") if os.geteuid() == 0 else ("CapEff", "CapPrm")
    assert {int(status[kind], 16) for kind in kinds} == {0}
