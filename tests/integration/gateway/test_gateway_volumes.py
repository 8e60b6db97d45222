"""Config maps and secrets are files at the paths that a deploy file names, whatever runs them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.runtimes.view import is_possible
from tests.integration.gateway.conftest import Broker, Gateway
from tests.integration.gateway.test_gateway_podspec import reason
from tests.support import tools
from tests.support.processes import wait_until

CORE = "/api/v1/namespaces/default/{}"
AS_USER = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
LOOK = """
import json, os

def look(places):
    found = {}
    for place in places:
        for folder, _, names in os.walk(place):
            for name in names:
                path = os.path.join(folder, name)
                found[path] = [open(path).read(), oct(os.stat(path).st_mode & 0o777)]
        if os.path.isfile(place):
            found[place] = [open(place).read(), oct(os.stat(place).st_mode & 0o777)]
    tried = {}
    for place in places:
        target = os.path.join(place, "new") if os.path.isdir(place) else place
        try:
            open(target, "a").write("more")
            tried[place] = "written"
        except OSError as error:
            tried[place] = type(error).__name__
    host = {path: os.path.exists(path) for path in ("/etc/hosts", "/proc/self/status", "/tmp")}
    return {"found": found, "tried": tried, "host": host, "variables": list(os.environ)}
"""
FUNCTION = LOOK + "\ndef handle(request):\n    return look(os.environ['PLACES'].split())\n"
PROGRAM = (
    LOOK
    + """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        content = json.dumps(look(os.environ["PLACES"].split())).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
)
COMMAND = LOOK + "\nprint(json.dumps(look(os.environ['PLACES'].split())))\n"
RUNTIMES = ("spare", "forked", "program", "classic")


@pytest.fixture(scope="module", params=["as it is", "as a user"])
def shelf(
    request: pytest.FixtureRequest, broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway with a config map and a secret, as root and not."""
    if not is_possible():
        tools.lacking("replicas have no view of their own on this machine")
    gateway = Gateway(tmp_path_factory.mktemp("shelf"), broker.port)
    if request.param == "as a user":
        tools.root()
        gateway.wrapper = AS_USER
    gateway.start()
    colours = {"metadata": {"name": "colours"}, "data": {"red": "ff0000", "blue": "0000ff"}}
    assert gateway.ask("POST", CORE.format("configmaps"), colours)[0] == 201
    keys = {"metadata": {"name": "keys"}, "stringData": {"pin": "1234", "pass.txt": "open"}}
    assert gateway.ask("POST", CORE.format("secrets"), keys)[0] == 201
    yield gateway
    gateway.end()


def deploy(gateway: Gateway, name: str, runtime: str, mounts: Any, volumes: Any) -> None:
    folder = gateway.folder / name
    folder.mkdir()
    env = [{"name": "PLACES", "value": " ".join(mount["mountPath"] for mount in mounts)}]
    container: dict[str, Any] = {"image": str(folder), "volumeMounts": mounts}
    if runtime in {"spare", "forked"}:
        (folder / "main.py").write_text(FUNCTION)
        env += [{"name": "GRPC_VERBOSITY", "value": "error"}] if runtime == "forked" else []
    elif runtime == "program":
        (folder / "serve.py").write_text(PROGRAM)
        container["command"] = ["python", "serve.py"]
    else:
        (folder / "run.py").write_text(COMMAND)
        env.append({"name": "fprocess", "value": "python run.py"})
    container["env"] = env
    gateway.deploy(name, image=str(folder), container=container, volumes=volumes)


def seen(gateway: Gateway, name: str) -> Any:
    status, _, body = gateway.call("GET", f"/function/{name}/")
    assert status == 200, body
    return json.loads(body)


COLOURS = {"name": "c", "configMap": {"name": "colours"}}
KEYS = {
    "name": "k",
    "secret": {
        "secretName": "keys",
        "defaultMode": 0o600,
        "items": [
            {"key": "pin", "path": "deep/er/pin"},
            {"key": "pass.txt", "path": "word", "mode": 0o400},
        ],
    },
}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_they_are_where_the_file_says(shelf: Gateway, runtime: str) -> None:
    name = f"mounted-{runtime}"
    mounts = [
        {"name": "c", "mountPath": "/etc/config"},
        {"name": "k", "mountPath": "/s", "readOnly": True},
        {"name": "c", "mountPath": "/opt-x/one/red", "subPath": "red"},
    ]
    deploy(shelf, name, runtime, mounts, [COLOURS, KEYS])
    answer = seen(shelf, name)
    assert answer["found"] == {
        "/etc/config/red": ["ff0000", "0o644"],
        "/etc/config/blue": ["0000ff", "0o644"],
        "/s/deep/er/pin": ["1234", "0o600"],
        "/s/word": ["open", "0o400"],
        "/opt-x/one/red": ["ff0000", "0o644"],
    }
    assert set(answer["tried"].values()) == {"OSError"}  # a read-only file system
    assert all(answer["host"].values())
    assert "MAYFLY_VOLUMES" not in answer["variables"]
    for made in ("/etc/config", "/s", "/opt-x"):
        assert not Path(made).exists(), "the machine's own disk stays as it is"


def test_what_is_there_is_covered(shelf: Gateway, tmp_path: Path) -> None:
    """A folder and a file of the machine's own, seen by this replica alone as something else."""
    tmp_path.chmod(0o755)
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "hidden").write_text("hidden")
    mounts = [
        {"name": "c", "mountPath": str(tmp_path / "mine"), "subPath": "blue"},
        {"name": "c", "mountPath": str(tmp_path / "folder")},
    ]
    deploy(shelf, "covering", "spare", mounts, [COLOURS])
    found = seen(shelf, "covering")["found"]
    assert found[str(tmp_path / "mine")][0] == "0000ff"
    assert set(found) == {str(tmp_path / "mine")} | {
        str(tmp_path / "folder" / key) for key in ("red", "blue")
    }
    assert (tmp_path / "mine").read_text() == "mine"


def test_projected_and_empty_folders(shelf: Gateway) -> None:
    projected = {
        "name": "p",
        "projected": {
            "defaultMode": 0o440,
            "sources": [
                {"configMap": {"name": "colours", "items": [{"key": "red", "path": "r"}]}},
                {"secret": {"name": "keys"}},
                {"secret": {"name": "nobody", "optional": True}},
            ],
        },
    }
    mounts = [
        {"name": "p", "mountPath": "/all"},
        {"name": "e", "mountPath": "/cache"},
        {"name": "e", "mountPath": "/cache-seen", "readOnly": True},
    ]
    deploy(shelf, "projecting", "spare", mounts, [projected, {"name": "e", "emptyDir": {}}])
    answer = seen(shelf, "projecting")
    assert answer["found"] == {
        "/all/r": ["ff0000", "0o440"],
        "/all/pin": ["1234", "0o440"],
        "/all/pass.txt": ["open", "0o440"],
    }
    assert answer["tried"] == {"/all": "OSError", "/cache": "written", "/cache-seen": "OSError"}
    assert "/cache-seen/new" in seen(shelf, "projecting")["found"]


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        ({"secret": {"secretName": "nope"}}, "volume 'v': the secret 'nope' is missing"),
        ({"configMap": {"name": "nope"}}, "volume 'v': the configmap 'nope' is missing"),
        (
            {"configMap": {"name": "colours", "items": [{"key": "green", "path": "g"}]}},
            "volume 'v': the configmap 'colours' has no key 'green'",
        ),
    ],
)
def test_what_is_missing_is_named(shelf: Gateway, volume: Any, told: str) -> None:
    name = f"lacking-{abs(hash(told)) % 10**6}"
    mounts = [{"name": "v", "mountPath": "/s"}]
    deploy(shelf, name, "spare", mounts, [{"name": "v", **volume}])
    assert told in reason(shelf, name)


def test_what_is_optional_may_be_missing(shelf: Gateway) -> None:
    volumes = [
        {"name": "a", "secret": {"secretName": "nope", "optional": True}},
        {
            "name": "b",
            "configMap": {
                "name": "colours",
                "optional": True,
                "items": [{"key": "green", "path": "g"}, {"key": "red", "path": "r"}],
            },
        },
    ]
    mounts = [{"name": "a", "mountPath": "/a-x"}, {"name": "b", "mountPath": "/b-x"}]
    deploy(shelf, "lenient", "spare", mounts, volumes)
    assert set(seen(shelf, "lenient")["found"]) == {"/b-x/r"}


def test_a_change_reaches_the_files_of_those_that_run(shelf: Gateway) -> None:
    path = CORE.format("configmaps")
    item: dict[str, Any] = {"metadata": {"name": "moving"}, "data": {"a": "1", "b": "2"}}
    assert shelf.apply(path, item)[0] == 201
    mounts = [
        {"name": "m", "mountPath": "/moving"},
        {"name": "m", "mountPath": "/fixed/a", "subPath": "a"},
    ]
    volumes = [{"name": "m", "configMap": {"name": "moving"}}]
    deploy(shelf, "following", "spare", mounts, volumes)
    assert seen(shelf, "following")["found"]["/moving/a"][0] == "1"
    assert shelf.apply(path, item | {"data": {"a": "3", "c": "4"}})[0] == 200
    found = seen(shelf, "following")["found"]
    assert {place: text for place, (text, _) in found.items()} == {
        "/moving/a": "3",
        "/moving/c": "4",
        "/fixed/a": "1",  # as with a kubelet: what is mounted by subPath stays
    }
    assert shelf.ask("DELETE", f"{path}/moving")[0] == 200
    assert seen(shelf, "following")["found"] == found


def test_copies_go_with_their_replica(shelf: Gateway) -> None:
    given = shelf.data / "given"
    before = set(given.iterdir())
    deploy(shelf, "leaving", "spare", [{"name": "c", "mountPath": "/etc/config"}], [COLOURS])
    seen(shelf, "leaving")
    assert len(set(given.iterdir()) - before) == 1
    shelf.scale("leaving", 0)
    wait_until(lambda: set(given.iterdir()) == before, what="the copies gone")


def test_a_secret_of_the_product_s_is_no_volume(shelf: Gateway) -> None:
    own = shelf.data / "product" / "secrets" / "mayfly"
    own.mkdir(parents=True, exist_ok=True)
    image = str(shelf.write_function("nosy"))
    spec = {
        "containers": [{"image": image, "volumeMounts": [{"name": "v", "mountPath": "/s"}]}],
        "volumes": [{"name": "v", "secret": {"secretName": "mayfly"}}],
    }
    service = {
        "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "nosy"},
        "spec": {"template": {"spec": spec}},
    }  # fmt: skip
    path = "/apis/serving.knative.dev/v1/namespaces/default/services"
    status, answer = shelf.ask("POST", path, service)
    assert (status, "Mayfly's own functions alone" in answer["message"]) == (400, True)


def test_without_a_view_of_its_own_a_replica_does_not_start(
    broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tools.root()
    setpriv = tools.program("setpriv", package="util-linux")
    gateway = Gateway(tmp_path_factory.mktemp("bare"), broker.port)
    gateway.wrapper = [setpriv, "--bounding-set=-all", "--inh-caps=-all"]
    gateway.start()
    try:
        map_ = {"metadata": {"name": "colours"}, "data": {"red": "ff0000"}}
        assert gateway.ask("POST", CORE.format("configmaps"), map_)[0] == 201
        mounts = [{"name": "c", "mountPath": "/etc/config"}]
        deploy(gateway, "viewless", "spare", mounts, [COLOURS])
        told = reason(gateway, "viewless")
        assert "volumeMounts: '/etc/config' can be shown to a replica only in a view" in told
        assert "envFrom or valueFrom" in told
        wait_until(lambda: not list((gateway.data / "given").iterdir()), what="no copies left")
    finally:
        gateway.end()
