"""A gateway with a queue server, each a process of its own, on free ports and a fresh folder."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack import preload
from tests.support.processes import PATIENCE, free_port, wait_until

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "test-password"
# What refers to one, but for its name.
SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
BROKER = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker"}
SERVICES = "/apis/serving.knative.dev/v1/namespaces/default/services"
CODE = """
import os, time, flask

def wait_for(file):
    while not os.path.exists(file):
        time.sleep(0.01)

def handle(request):
    path = request.path
    if path == "/pid":
        return str(os.getpid())
    if path == "/env":
        return dict(os.environ)
    if path == "/headers":
        return dict(request.headers)
    if path == "/sleep":
        time.sleep(float(request.args["s"]))
        return str(os.getpid())
    if path == "/hold":
        with open(request.args["file"] + ".begun", "a") as file:
            file.write("x")
        wait_for(request.args["file"])
        return str(os.getpid())
    if path == "/die":
        os.kill(os.getpid(), 9)
    if path == "/die-once":
        try:
            os.close(os.open(request.args["file"], os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return "second time"
        os.kill(os.getpid(), 9)
    if path == "/echo":
        return flask.Response(request.stream.read(), mimetype="application/octet-stream")
    if path == "/size":
        total = 0
        while piece := request.stream.read(65536):
            total += len(piece)
        return str(total)
    if path == "/refuse":
        return flask.Response("no", 422)
    if path == "/big":
        piece = b"x" * 65536
        return flask.Response((piece for _ in range(int(request.args["n"]))))
    if path == "/events":
        def events():
            yield "data: 0\\n\\n"
            wait_for(request.args["file"])
            yield "data: 1\\n\\n"
            yield "data: 2\\n\\n"
        return flask.Response(events(), mimetype="text/event-stream")
    if path == "/note":
        with open(request.args["file"], "a") as file:
            file.write(request.headers["X-Call-Id"] + " " + request.get_data(as_text=True) + "\\n")
        return "noted"
    if path == "/fail-twice":
        with open(request.args["file"], "a+") as file:
            file.write("x")
            file.flush()
            file.seek(0)
            if len(file.read()) < 3:
                return flask.Response("not yet", 503)
        return "done"
    if path == "/print":
        print("a word from the function")
        return "printed"
    if path == "/status":
        return flask.Response("as asked", int(request.args["code"]))
    if path == "/empty":
        return flask.Response(status=204)
    return "version VERSION " + path
"""


class Hold:
    """A file that calls of `/hold` wait for; each leaves a mark when it has begun."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._marks = file.with_name(file.name + ".begun")
        self.path = f"/hold?file={file}"

    @property
    def file(self) -> str:
        return str(self._file)

    def wait(self, calls: int) -> None:
        """Wait until so many calls have begun."""
        wait_until(lambda: self._begun() == calls, what=f"the beginning of {calls} calls")

    def let_go(self) -> None:
        self._file.touch()

    def _begun(self) -> int:
        return self._marks.stat().st_size if self._marks.exists() else 0


class Broker:
    """A nats-server whose JetStream writes through to the disk."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._folder.mkdir(exist_ok=True)
        config = self._folder / "nats.conf"
        config.write_text(
            f"listen: 127.0.0.1:{self.port}\n"
            f'jetstream {{ store_dir: "{self._folder}", sync_interval: always }}\n'
        )
        program = Path(sys.executable).with_name("nats-server")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", config], stderr=log, stdout=log)
        wait_until(self._answers, what="nats-server ready")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), PATIENCE).close()
            return True
        return False


class Gateway:
    """The gateway, and a tiny client to it."""

    def __init__(self, folder: Path, nats_port: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port, self.metrics_port = free_port(), free_port()
        self.nats_port = nats_port
        self.env: dict[str, str] = {}
        self.root = ROOT
        self.wrapper: list[str] = []  # a command that runs the gateway's
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        (self.folder / "password").write_text(PASSWORD)
        env = {
            **os.environ, "GATEWAY_PASSWORD_FILE": str(self.folder / "password"),
            "GATEWAY_ZERO_GRACE": "0", "GATEWAY_ALLOWED_HOSTS": "x a",
            "MAYFLY_ALLOWED_ADDRESSES": "127.0.0.1", **self.env,
        }  # fmt: skip
        command = [*self.wrapper, sys.executable, "-m", "emulators.gateway"]
        command += ["--data", str(self.data)]
        command += ["--port", str(self.port), "--metrics-port", str(self.metrics_port)]
        command += ["--nats", f"nats://127.0.0.1:{self.nats_port}", "--root", str(self.root)]
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=log)
        wait_until(self._healthy, what="gateway ready")

    def _healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        with contextlib.suppress(OSError):
            return self.ask("GET", "/healthz")[0] == 200
        return False

    def log(self) -> str:
        return (self.folder / "gateway.log").read_text()

    def signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A call of the administrator's."""
        content = None if body is None else json.dumps(body)
        status, _, answer = self.call(method, path, content, {"Authorization": self.token()})
        with contextlib.suppress(ValueError):
            return status, json.loads(answer)
        return status, answer

    def metrics(self) -> str:
        """What a scrape of the metrics port gets."""
        address = "127.0.0.1", self.metrics_port
        with contextlib.closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def token(self) -> str:
        """The administrator's credentials."""
        return "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()

    def write_function(self, name: str, version: str = "1", code: str = CODE) -> Path:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(code.replace("VERSION", version))
        return folder

    def deploy(self, name: str, *, image: str = "", annotations: Any = None, **spec: Any) -> Any:
        container = {"image": image or str(self.write_function(name))}
        container |= spec.pop("container", {})
        service = {
            "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"template": {
                "metadata": {"annotations": annotations or {}},
                "spec": {"containers": [container], **spec},
            }},
        }  # fmt: skip
        status, answer = self.apply(SERVICES, service)
        assert status in (200, 201), json.dumps(answer)
        return answer

    def apply(self, path: str, item: Any) -> tuple[int, Any]:
        """Changes an object of the Kubernetes API, or makes it."""
        status, answer = self.ask("PUT", f"{path}/{item['metadata']['name']}", item)
        return self.ask("POST", path, item) if status == 404 else (status, answer)

    def deploy_ready(self, name: str, **options: Any) -> None:
        """Deploy, and wait for the first replica: its start is no part of a call's time."""
        self.deploy(name, **options)
        wait_until(lambda: self.replicas(name) > 0, what=f"a replica of {name}")

    def service(self, name: str) -> Any:
        path = f"/apis/serving.knative.dev/v1/namespaces/default/services/{name}"
        return self.ask("GET", path)[1]

    def ready(self, name: str) -> str:
        conditions = self.service(name)["status"]["conditions"]
        return str(next(c["status"] for c in conditions if c["type"] == "Ready"))

    def end_of(self, call_id: str) -> str:
        """The state that an asynchronous call ends in."""
        found = ""

        def ended() -> bool:
            nonlocal found
            found = self.ask("GET", f"/async-function/{call_id}")[1]["state"]
            return found not in ("queued", "running")

        wait_until(ended)
        return found

    def replicas(self, name: str) -> int:
        return int(self.ask("GET", f"/system/function/{name}")[1]["availableReplicas"])

    def scale(self, name: str, replicas: int) -> None:
        status, _ = self.ask("POST", f"/system/scale-function/{name}", {"replicas": replicas})
        assert status == 202
        wait_until(lambda: self.replicas(name) == replicas, what=f"{replicas} replicas")


@pytest.fixture
def figure(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Shows what was measured, whatever pytest does with other output."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n  measured: {text}")

    return show


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("nats"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """For tests that kill it."""
    broker = Broker(tmp_path / "nats")
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def gateway(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all tests that leave it alive; each deploys functions of its own name."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), broker.port)
    gateway.start()
    yield gateway
    gateway.end()


@pytest.fixture(scope="module")
def warm_gateway(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One that has done ahead of starts what the launcher has it do."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), broker.port)
    gateway.env |= preload.variables({}) | {"GATEWAY_ZERO_INITIAL_SCALE": "on"}
    gateway.start()
    yield gateway
    gateway.end()


@pytest.fixture
def own_gateway(broker: Broker, tmp_path: Path) -> Iterator[Gateway]:
    """For tests that kill it; what it held when it died is delivered again soon."""
    gateway = Gateway(tmp_path, broker.port)
    gateway.env |= {"GATEWAY_ACK_WAIT": "2", "GATEWAY_ZERO_INITIAL_SCALE": "on"}
    gateway.start()
    yield gateway
    gateway.end()
    shutil.rmtree(gateway.data, ignore_errors=True)


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Holds calls of `/hold` until the test, or its end, lets them go."""
    hold = Hold(tmp_path / "go")
    yield hold
    hold.let_go()
