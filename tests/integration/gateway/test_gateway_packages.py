"""Functions' own packages: installed at the deploy, shared, and before what is imported ahead."""

import hashlib
import http.server
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.runtimes.view import is_possible
from tests.integration.gateway.conftest import Broker, Gateway
from tests.integration.gateway.openfaas import FUNCTIONS
from tests.support import tools
from tests.support.processes import wait_until
from tests.support.servers.serving import serving
from tests.support.wheels import make_wheel

# `starlette` stands for whatever the parent of replicas has imported in a version of its own.
CODE = """
import importlib.metadata, sys

def handle(request):
    name = request.args["of"]
    return {
        "version": __import__(name).__version__,
        "listed": importlib.metadata.version(name),
        "forked": "-c" not in sys.orig_argv,
        "flask": "flask" in sys.modules,
    }
"""
PROGRAM = """
import http.server, os, sys
import mayfly_small

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(mayfly_small.__version__.encode())

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
NODE = """
const small = require("mayfly-small");
require("node:http").createServer((_, answer) => answer.end(small)).listen(process.env.PORT);
"""


def own_view() -> None:
    """Skip, on a laptop, what only a machine with user namespaces can show."""
    if not is_possible():
        tools.lacking("replicas have no view of their own on this machine")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "2.0"):
        make_wheel(folder, "mayfly_small", version)
    make_wheel(folder, "starlette", "0.0.1")
    make_wheel(folder, "msgspec", "0.0.1")
    return folder


@pytest.fixture(scope="module")
def shop(
    broker: Broker, wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway whose only index is a folder of wheels."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), broker.port)
    gateway.env |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels), "UV_OFFLINE": "1"}
    gateway.start()
    yield gateway
    gateway.end()


def write(gateway: Gateway, name: str, asked: str, **files: str) -> Path:
    folder = gateway.write_function(name, code=CODE)
    (folder / "requirements.txt").write_text(asked)
    for file, text in files.items():
        (folder / file.replace("_", ".")).write_text(text)
    return folder


def told(gateway: Gateway, name: str, of: str) -> Any:
    return json.loads(gateway.call("GET", f"/function/{name}?of={of}")[2])


def layers(gateway: Gateway) -> set[str]:
    return {path.name for path in (gateway.data / "layers").glob("python-*")}


def test_what_a_function_asks_for_is_installed_once_for_all(shop: Gateway) -> None:
    shop.deploy_ready("small", image=str(write(shop, "small", "mayfly-small==1.0\n")))
    found = told(shop, "small", "mayfly_small")
    assert (found["version"], found["listed"], found["forked"]) == ("1.0", "1.0", True)
    before = layers(shop)

    shop.deploy_ready("other", image=str(write(shop, "other", "mayfly-small==1.0  # the same\n")))
    assert told(shop, "other", "mayfly_small")["version"] == "1.0"
    assert layers(shop) == before


def test_another_version_is_for_the_next_revision_alone(shop: Gateway) -> None:
    shop.deploy_ready("moving", image=str(write(shop, "moving", "mayfly-small==1.0")))
    assert told(shop, "moving", "mayfly_small")["version"] == "1.0"
    shop.deploy("moving", image=str(write(shop, "moving", "mayfly-small==2.0")))
    wait_until(lambda: told(shop, "moving", "mayfly_small")["version"] == "2.0")
    shop.scale("moving", 0)
    assert told(shop, "moving", "mayfly_small")["version"] == "2.0"


@pytest.mark.parametrize("package", ["starlette", "msgspec"])
def test_it_wins_over_what_is_imported_ahead(shop: Gateway, package: str) -> None:
    """Also over what the replica itself is made with."""
    name = f"own-{package}"
    shop.deploy_ready(name, image=str(write(shop, name, f"{package}==0.0.1")))
    found = told(shop, name, package)
    assert (found["version"], found["listed"], found["forked"]) == ("0.0.1", "0.0.1", False)
    assert shop.replicas(name) == 1
    shop.scale(name, 0)
    assert told(shop, name, package)["version"] == "0.0.1"


def test_what_is_there_already_is_not_installed(shop: Gateway) -> None:
    before = layers(shop)
    asked = "# as there\nflask>=2\nfunctions-framework\nlegacy; python_version < '3'\n"
    shop.deploy_ready("met", image=str(write(shop, "met", asked)))
    assert told(shop, "met", "starlette")["forked"]
    assert layers(shop) == before


def test_what_cannot_be_had_fails_the_deploy_with_uv_s_words(shop: Gateway) -> None:
    shop.deploy_ready("kept", image=str(write(shop, "kept", "mayfly-small==1.0")))
    folder = write(shop, "kept", "mayfly-small==9.9")
    request = {"service": "kept-too", "image": str(folder)}
    status, answer = shop.ask("POST", FUNCTIONS, request)
    assert status == 400
    assert "requirements.txt cannot be installed" in answer["detail"]
    assert "mayfly-small==9.9" in answer["detail"]
    path = "/apis/serving.knative.dev/v1/namespaces/default/services/kept"
    service = shop.service("kept")
    service["spec"]["template"]["metadata"]["annotations"] = {"changed": "yes"}
    status, answer = shop.ask("PUT", path, service)
    assert (status, "mayfly-small==9.9" in answer["message"]) == (400, True)
    shop.scale("kept", 0)
    assert told(shop, "kept", "mayfly_small")["version"] == "1.0"
    assert not list((shop.data / "layers").glob(".new-*"))


# A package in the function's own folder, whose build tells what it sees of the disk.
BACKEND = """
import os

def build_wheel(*_):
    seen = os.listdir(DATA)
    raise SystemExit(f"seen: {sorted(seen)} {sorted(os.environ)}")
"""
BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def test_an_installer_sees_no_secrets(shop: Gateway) -> None:
    folder = write(shop, "curious", "./inner")
    (folder / "inner").mkdir()
    (folder / "inner" / "pyproject.toml").write_text(f'{BUILD}[project]\nname="a"\nversion="1"')
    (folder / "inner" / "backend.py").write_text(BACKEND.replace("DATA", repr(str(shop.data))))
    status, answer = shop.ask("POST", FUNCTIONS, {"service": "curious", "image": str(folder)})
    assert status == 400
    seen = answer["detail"].partition("seen: ")[2]
    assert "'code'" in seen
    assert "PASSWORD" not in seen
    own_view()
    assert "kubeconfig" not in seen


POISON = """
import mayfly_small

def handle(request):
    with open(mayfly_small.__file__, "a") as file:
        file.write("__version__ = 'poisoned'")
"""


def test_no_function_changes_the_packages_of_another(shop: Gateway) -> None:
    own_view()
    folder = write(shop, "poisoner", "mayfly-small==1.0")
    (folder / "main.py").write_text(POISON)
    shop.deploy_ready("poisoner", image=str(folder))
    assert shop.call("GET", "/function/poisoner")[0] == 500
    shop.deploy_ready("other-one", image=str(write(shop, "other-one", "mayfly-small==1.0")))
    assert told(shop, "other-one", "mayfly_small")["version"] == "1.0"


def test_packages_that_are_gone_are_installed_anew_at_a_start(shop: Gateway) -> None:
    shop.deploy_ready("healed", image=str(write(shop, "healed", "mayfly-small==2.0")))
    shop.scale("healed", 0)
    for layer in (shop.data / "layers").glob("python-*"):
        layer.rename(layer.with_name(f".new-{layer.name}"))
    assert told(shop, "healed", "mayfly_small")["version"] == "2.0"


def test_a_program_finds_them_too(shop: Gateway) -> None:
    folder = write(shop, "program", "mayfly-small==2.0", serve_py=PROGRAM)
    command = {"command": ["python", "serve.py"]}
    shop.deploy_ready("program", image=str(folder), container=command)
    assert shop.call("GET", "/function/program")[2] == b"2.0"


def test_a_handler_of_openfaas_s_templates_has_its_own(shop: Gateway) -> None:
    folder = shop.folder / "handling"
    folder.mkdir()
    (folder / "requirements.txt").write_text("mayfly-small==1.0")
    code = "import mayfly_small\ndef handle(event, context): return mayfly_small.__version__\n"
    (folder / "handler.py").write_text(code)
    shop.deploy_ready("handling", image=str(folder))
    assert shop.call("GET", "/function/handling")[2] == b"1.0"


@pytest.fixture
def registry() -> Iterator[str]:
    """npm's registry, with one package."""
    code = io.BytesIO()
    with tarfile.open(fileobj=code, mode="w:gz") as archive:
        for name, text in (
            ("package.json", '{"name": "mayfly-small", "version": "1.2.3"}'),
            ("index.js", 'module.exports = "small 1.2.3";'),
        ):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    content = code.getvalue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            port = self.connection.getsockname()[1]
            dist = {
                "tarball": f"http://127.0.0.1:{port}/small.tgz",
                "shasum": hashlib.sha1(content).hexdigest(),
            }
            version = {"name": "mayfly-small", "version": "1.2.3", "dist": dist}
            told = {"name": "mayfly-small", "dist-tags": {"latest": "1.2.3"}}
            document = json.dumps(told | {"versions": {"1.2.3": version}}).encode()
            known = self.path in ("/mayfly-small", "/small.tgz")
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(content if self.path.endswith(".tgz") else document)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


def test_a_program_of_node_s_has_its_dependencies(own_gateway: Gateway, registry: str) -> None:
    own_gateway.end()
    own_gateway.env |= {
        "npm_config_registry": registry,
        "npm_config_cache": str(own_gateway.folder),
    }
    own_gateway.start()
    folder = own_gateway.folder / "pages"
    folder.mkdir()
    (folder / "index.js").write_text(NODE)
    package = {"name": "pages", "dependencies": {"mayfly-small": "^1.0.0"}}
    (folder / "package.json").write_text(json.dumps(package))
    command = {"command": ["node", "index.js"]}
    own_gateway.deploy_ready("pages", image=str(folder), container=command)
    assert own_gateway.call("GET", "/function/pages")[2] == b"small 1.2.3"
    assert not (folder / "node_modules").exists()

    package["dependencies"] = {"mayfly-none": "1"}
    (folder / "package.json").write_text(json.dumps(package))
    path = "/apis/serving.knative.dev/v1/namespaces/default/services/pages"
    service = own_gateway.service("pages")
    service["spec"]["template"]["metadata"]["annotations"] = {"changed": "yes"}
    status, answer = own_gateway.ask("PUT", path, service)
    assert (status, "mayfly-none" in answer["message"]) == (400, True)
    assert own_gateway.call("GET", "/function/pages")[2] == b"small 1.2.3"
