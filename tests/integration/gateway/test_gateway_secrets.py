"""A function reads the secrets that it names, and no others, whatever runs it."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.runtimes.view import is_possible
from tests.integration.gateway.conftest import Broker, Gateway
from tests.integration.gateway.openfaas import FUNCTIONS
from tests.support import tools
from tests.support.processes import wait_until

VALUES = {"mine": "value-of-mine", "theirs": "value-of-theirs"}
STEP = "value-of-the-step-secret"
ELSEWHERE = "value-in-another-namespace"
# Everything that a function can get at: its environment, its folder, and a walk over the disk.
LOOK = """
import json, os, sys

def everything(data):
    found = {"env": dict(os.environ), "files": {}, "given": {}}
    given = os.environ.get("OPENFAAS_SECRETS", "")
    for name in os.listdir(given) if given else ():
        found["given"][name] = open(os.path.join(given, name)).read()
    for place in (data, "/var/openfaas/secrets"):
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                try:
                    found["files"][path] = open(path).read()
                except (OSError, UnicodeDecodeError):
                    pass
    for entry in os.listdir("/proc"):
        for leaf in ("environ", "root" + data + "/secrets/mine/KEY"):
            try:
                found["files"][f"{entry}/{leaf}"] = open(f"/proc/{entry}/{leaf}").read()
            except (OSError, ValueError):
                pass
    return found
"""
FUNCTION = LOOK + "\ndef handle(request):\n    return everything(request.args['data'])\n"
# Mayfly's own read it so, wherever they are.
READER = """
import os
from functions.kit.adapters.config import secret

def handle(request):
    return secret(os.environ, "NOWHERE", "mayfly-step-secret")
"""
PROGRAM = (
    LOOK
    + """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = json.dumps(everything(self.path.partition("data=")[2])).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
)
COMMAND = LOOK + "\nprint(json.dumps(everything(os.environ['Http_Query'].partition('data=')[2])))\n"


AS_USER = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


def own_view() -> None:
    """Skip, on a laptop, what only a machine with user namespaces can show."""
    if not is_possible():
        tools.lacking("replicas have no view of their own on this machine")


@pytest.fixture(scope="module", params=["as it is", "as a user"])
def keeper(
    request: pytest.FixtureRequest, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway that keeps secrets of users, and one of the product's, as root and not."""
    gateway = Gateway(tmp_path_factory.mktemp("keeper"), broker.port)
    if request.param == "as a user":
        tools.root()
        own_view()
        gateway.wrapper = AS_USER
    product = gateway.data / "product"
    for file in ("secrets/mayfly/MAYFLY_STEP_SECRET", "openfaas-secrets/mayfly-step-secret"):
        (product / file).parent.mkdir(parents=True, exist_ok=True)
        (product / file).write_text(STEP)
    gateway.root = gateway.folder / "root"
    shutil.copytree(Path(__file__).resolve().parents[3] / "functions" / "kit",
                    gateway.root / "functions" / "kit")  # fmt: skip
    own = gateway.root / "functions" / "looker"
    own.mkdir(parents=True)
    (own / "main.py").write_text(FUNCTION)
    reader = gateway.root / "functions" / "reader"
    reader.mkdir()
    (reader / "main.py").write_text(READER)
    gateway.start()
    secrets = "/api/v1/namespaces/{}/secrets"
    for name, value in VALUES.items():
        assert gateway.ask("POST", "/system/secrets", {"name": name, "value": value})[0] == 202
        item = {"metadata": {"name": name}, "stringData": {"KEY": value}}
        assert gateway.ask("POST", secrets.format("default"), item)[0] == 201
    item = {"metadata": {"name": "there"}, "stringData": {"KEY": ELSEWHERE}}
    assert gateway.ask("POST", secrets.format("team"), item)[0] == 201
    yield gateway
    gateway.end()


def look(gateway: Gateway, name: str) -> Any:
    status, _, body = gateway.call("GET", f"/function/{name}?data={gateway.data}")
    assert status == 200, body
    return json.loads(body)


def values_in(gateway: Gateway, seen: Any) -> set[str]:
    """The secrets whose value is anywhere in what was seen.

    Where replicas have no view of their own, their user's files are left out, and where they are
    root's, what they find of each other in /proc: the README says so.
    """
    files = seen.pop("files")
    if is_possible():
        root = not (os.geteuid() or gateway.wrapper)
        seen["files"] = {k: v for k, v in files.items() if not root or k.startswith("/")}
    text = json.dumps(seen)
    known = {**VALUES, "step": STEP, "there": ELSEWHERE}
    return {name for name, value in known.items() if value in text}


def folder_with(gateway: Gateway, name: str, file: str, code: str) -> str:
    folder = gateway.folder / name
    folder.mkdir()
    (folder / file).write_text(code)
    return str(folder)


def written(gateway: Gateway, name: str, runtime: str) -> dict[str, Any]:
    """A container for each way of running."""
    if runtime == "program":
        image = folder_with(gateway, name, "serve.py", PROGRAM)
        return {"image": image, "command": ["python", "serve.py"]}
    if runtime == "classic":
        image = folder_with(gateway, name, "run.py", COMMAND)
        return {"image": image, "env": [{"name": "fprocess", "value": "python run.py"}]}
    env = [{"name": "GRPC_VERBOSITY", "value": "error"}] if runtime == "forked" else []
    return {"image": folder_with(gateway, name, "main.py", FUNCTION), "env": env}


RUNTIMES = ("spare", "forked", "program", "classic")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_service_reads_the_secret_that_it_names(keeper: Gateway, runtime: str) -> None:
    name = f"named-{runtime}"
    container = written(keeper, name, runtime)
    whole = {"envFrom": [{"secretRef": {"name": "mine"}, "prefix": "MINE_"}]}
    keeper.deploy(name, image=container["image"], container=container | whole)
    seen = look(keeper, name)
    assert seen["env"]["MINE_KEY"] == VALUES["mine"]
    assert values_in(keeper, seen) == {"mine"}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_service_reads_the_key_that_it_names(keeper: Gateway, runtime: str) -> None:
    name = f"key-{runtime}"
    container = written(keeper, name, runtime)
    key = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "theirs", "key": "KEY"}}}
    container["env"] = [*container.get("env", ()), key]
    keeper.deploy(name, image=container["image"], container=container)
    seen = look(keeper, name)
    assert seen["env"]["TOKEN"] == VALUES["theirs"]
    assert values_in(keeper, seen) == {"theirs"}


@pytest.mark.parametrize("runtime", ["spare", "forked", "classic"])
def test_an_openfaas_function_reads_the_secret_that_it_names(keeper: Gateway, runtime: str) -> None:
    name = f"faas-{runtime}"
    container = written(keeper, name, runtime)
    variables = {variable["name"]: variable["value"] for variable in container.get("env", ())}
    spec = {"service": name, "image": container["image"], "envVars": variables, "secrets": ["mine"]}
    assert keeper.ask("POST", FUNCTIONS, spec)[0] == 202
    seen = look(keeper, name)
    assert seen["given"] == {"mine": VALUES["mine"]}
    assert values_in(keeper, seen) == {"mine"}


def test_who_names_none_reads_none_and_points_at_none(keeper: Gateway) -> None:
    folder = folder_with(keeper, "nosy", "main.py", FUNCTION)
    stolen = {"OPENFAAS_SECRETS": f"{keeper.data}/openfaas-secrets/openfaas-fn"}
    spec = {"service": "nosy", "image": folder, "envVars": stolen}
    assert keeper.ask("POST", FUNCTIONS, spec)[0] == 202
    seen = look(keeper, "nosy")
    assert seen["given"] == {}
    assert values_in(keeper, seen) == set()


def test_copies_are_gone_with_their_replica(keeper: Gateway) -> None:
    folder = folder_with(keeper, "brief", "main.py", FUNCTION)
    spec = {"service": "brief", "image": folder, "secrets": ["mine", "theirs", "mine"]}
    assert keeper.ask("POST", FUNCTIONS, spec)[0] == 202
    seen = look(keeper, "brief")
    assert seen["given"] == VALUES
    copies = Path(seen["env"]["OPENFAAS_SECRETS"])
    assert copies.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in copies.iterdir()} == {0o400}
    keeper.scale("brief", 0)
    wait_until(lambda: not copies.exists(), what="the end of the copies")


def test_the_step_secret_is_the_product_s_own(keeper: Gateway) -> None:
    folder = folder_with(keeper, "thief", "main.py", FUNCTION)
    for image in (folder, "functions/alpine:latest", "mayfly/kit", "mayfly/looker"):
        spec = {"service": "thief", "image": image, "secrets": ["mayfly-step-secret"]}
        spec["envProcess"] = "env"
        status, problem = keeper.ask("POST", FUNCTIONS, spec)
        assert status == 400
        assert "for Mayfly's own functions alone" in problem["detail"]
    own = "mayfly/looker"
    for container in (
        {"image": folder, "envFrom": [{"secretRef": {"name": "mayfly"}}]},
        {"image": own, "command": ["env"], "envFrom": [{"secretRef": {"name": "mayfly"}}]},
        {"image": "mayfly/kit", "env": [{"name": "fprocess", "value": "env"}],
         "envFrom": [{"secretRef": {"name": "mayfly"}}]},
        {"image": folder, "env": [{"name": "S", "valueFrom": {"secretKeyRef": {
            "name": "mayfly", "key": "MAYFLY_STEP_SECRET", "optional": True}}}]},
    ):  # fmt: skip
        service = {
            "apiVersion": "serving.knative.dev/v1", "kind": "Service",
            "metadata": {"name": "thief"},
            "spec": {"template": {"spec": {"containers": [container]}}},
        }  # fmt: skip
        path = "/apis/serving.knative.dev/v1/namespaces/default/services"
        status, problem = keeper.ask("POST", path, service)
        assert status == 400, problem
        assert "for Mayfly's own functions alone" in problem["message"]
    keeper.deploy("own", image=own, container={"envFrom": [{"secretRef": {"name": "mayfly"}}]})
    assert look(keeper, "own")["env"]["MAYFLY_STEP_SECRET"] == STEP
    spec = {"service": "own-faas", "image": own, "secrets": ["mayfly-step-secret"]}
    assert keeper.ask("POST", FUNCTIONS, spec)[0] == 202
    assert look(keeper, "own-faas")["given"] == {"mayfly-step-secret": STEP}
    shown = json.dumps(keeper.ask("GET", "/system/secrets")[1])
    shown += json.dumps(keeper.ask("GET", "/api/v1/secrets")[1])
    assert "mayfly" not in shown


def read_step(gateway: Gateway, name: str) -> tuple[int, bytes]:
    """What a function of the product's finds by the secret's name."""
    spec = {"service": name, "image": "mayfly/reader", "secrets": ["mayfly-step-secret"]}
    assert gateway.ask("POST", FUNCTIONS, spec)[0] == 202
    status, _, body = gateway.call("GET", f"/function/{name}")
    return status, body


def test_the_product_s_own_functions_find_the_step_secret_by_its_name(keeper: Gateway) -> None:
    assert read_step(keeper, "reader") == (200, STEP.encode())


def test_a_secret_of_another_namespace_is_missing(keeper: Gateway) -> None:
    image = folder_with(keeper, "stranger", "main.py", FUNCTION)
    container = {"image": image, "envFrom": [{"secretRef": {"name": "there"}}]}
    keeper.deploy("stranger", image=image, container=container)
    wait_until(lambda: keeper.ready("stranger") == "False", what="the reason")
    assert (
        "the secret 'there' is missing"
        in keeper.service("stranger")["status"]["conditions"][0]["message"]
    )


UNCOVER = """
import ctypes, os, subprocess

def handle(request):
    data = request.args["data"]
    libc = ctypes.CDLL(None, use_errno=True)
    tried = {
        "umount": libc.umount2(data.encode(), 2),
        "unshare": subprocess.run(["unshare", "-Urm", "umount", data]).returncode,
        "gateway": os.access(f"/proc/{request.args['pid']}/root{data}/kubeconfig", os.R_OK),
        "seen": sorted(os.listdir(data)),
    }
    try:
        open(os.path.join(data, "x"), "w")
    except OSError as error:
        tried["write"] = error.errno
    return tried
"""


def test_what_is_hidden_cannot_be_uncovered(keeper: Gateway) -> None:
    own_view()
    keeper.deploy("digger", image=folder_with(keeper, "digger", "main.py", UNCOVER))
    assert keeper.process is not None
    path = f"/function/digger?data={keeper.data}&pid={keeper.process.pid}"
    status, _, body = keeper.call("GET", path)
    assert status == 200, body
    tried = json.loads(body)
    assert tried["umount"] == -1
    assert tried["unshare"] != 0
    assert tried["gateway"] is False
    assert tried["write"] > 0
    assert set(tried["seen"]) <= {"bytecode", "code", "run", "work"}


PLANT = """
import os, sys

def plant(data):
    "Appends to all of the gateway's code, as it is and compiled; what could be reached."
    reached = []
    for folder, _, files in os.walk(data):
        for file in files:
            if file.endswith((".py", ".pyc")):
                reached.append(os.path.join(folder, file))
                open(reached[-1], "ab").write(b"\\nraise SystemExit('planted')\\n")
    for folder in (os.path.join(data, "bytecode"), os.path.join(data, "code")):
        try:
            open(os.path.join(folder, "planted.py"), "w").close()
            reached.append(folder)
        except OSError:
            pass
    return reached
"""
PLANTER = PLANT + "\ndef handle(request):\n    return plant(request.args['data'])\n"
PLANTED = PLANT + "\nplant(sys.argv[1])\n"


def test_no_function_writes_code_that_the_product_s_run(keeper: Gateway) -> None:
    own_view()
    keeper.deploy_ready("victim", image="mayfly/looker")
    assert look(keeper, "victim")["env"]["K_SERVICE"] == "victim"
    keeper.deploy_ready("planter", image=folder_with(keeper, "planter", "main.py", PLANTER))
    status, _, body = keeper.call("GET", f"/function/planter?data={keeper.data}")
    assert status == 200, body
    (copy,) = {Path(path).relative_to(keeper.data).parts[1] for path in json.loads(body)}
    assert (keeper.data / "code" / copy / "main.py").read_bytes().endswith(b"'planted')\n")
    # A command in a copy of the very code that the product's function runs.
    keeper.deploy("beside", image="mayfly/looker", container={
        "command": ["python", "-c", PLANTED, str(keeper.data)]})  # fmt: skip
    wait_until(lambda: keeper.ready("beside") == "False", what="its end")
    keeper.scale("victim", 0)
    assert look(keeper, "victim")["env"]["K_SERVICE"] == "victim"


def test_no_user_makes_a_secret_of_the_product_s_name(keeper: Gateway) -> None:
    for namespace in ("", "openfaas-fn", "team"):
        secret = {"name": "mayfly-step-secret", "namespace": namespace, "value": "mine"}
        status, problem = keeper.ask("POST", "/system/secrets", secret)
        assert status == 400
        assert "'mayfly-step-secret' is for Mayfly's own functions alone" in problem["detail"]
        assert "another name" in problem["remedy"]
    item = {"metadata": {"name": "mayfly"}, "stringData": {"MAYFLY_STEP_SECRET": "mine"}}
    for namespace in ("default", "team"):
        status, problem = keeper.ask("POST", f"/api/v1/namespaces/{namespace}/secrets", item)
        assert status == 400
        assert "'mayfly' is for Mayfly's own functions alone" in problem["message"]
    item = {"metadata": {"name": "mayfly"}, "data": {"KEY": "value"}}
    assert keeper.ask("POST", "/api/v1/namespaces/team/configmaps", item)[0] == 201
    assert read_step(keeper, "reader-after") == (200, STEP.encode())
