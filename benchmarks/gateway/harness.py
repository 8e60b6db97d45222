"""Starts a gateway of its own with the fixture function, and ends it."""

import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from benchmarks.stack import ROOT, free_ports
from infra.local.stack import preload

FIXTURE = Path(__file__).parent / "fixture"
NAME = "fixture"
SERVICES = "/apis/serving.knative.dev/v1/namespaces/default/services"
_PASSWORD = "benchmark"


class Running:
    """A gateway that runs, and what one may do with it.

    Args:
        port: where it listens.
        data: its folder.
        process: itself, where it is ours.
        password: of its administration.
        others: sockets there already, of other functions' replicas.
    """

    def __init__(
        self,
        port: int,
        data: Path,
        process: subprocess.Popen[bytes] | None = None,
        password: str = _PASSWORD,
        others: Collection[Path] = (),
    ) -> None:
        self.port = port
        self.data = data
        self._process = process
        self._password = password
        self._others = others

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return itself."""
        assert self._process is not None, "it is not ours"
        return self._process

    def processor_seconds(self) -> float:
        """Return what the gateway's own process has taken so far; replicas are others (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Make a request with the administrator's name; return status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        token = base64.b64encode(f"admin:{self._password}".encode()).decode()
        content = None if body is None else json.dumps(body)
        with contextlib.closing(connection):
            connection.request(method, path, content, {"Authorization": f"Basic {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def deploy(self, **template: object) -> None:
        """Deploy the fixture as a Knative service, where it is not deployed already."""
        spec = {"containers": [{"image": str(FIXTURE)}], **template}
        service = {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": NAME},
            "spec": {"template": {"spec": spec}},
        }
        status, answer = self.ask("PUT", f"{SERVICES}/{NAME}", service)
        if status == 404:
            status, answer = self.ask("POST", SERVICES, service)
        assert status in (200, 201), answer

    def deploy_another(self, name: str, initial: int, folder: Path = FIXTURE) -> None:
        """Deploy a folder under a name, with so many replicas to begin with."""
        template = {
            "metadata": {"annotations": {"autoscaling.knative.dev/initial-scale": str(initial)}},
            "spec": {"containers": [{"image": str(folder)}]},
        }
        service = {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": name},
            "spec": {"template": template},
        }
        status, answer = self.ask("POST", SERVICES, service)
        assert status in (200, 201), answer

    def scale(self, replicas: int) -> None:
        """Set the number of replicas and wait until it is so."""
        self.ask("POST", f"/system/scale-function/{NAME}", {"replicas": replicas})
        self.wait_for(lambda: self.replicas() == replicas and self.sockets() == replicas)

    def replicas(self) -> int:
        """Return the number of replicas that answer."""
        return int(json.loads(self.ask("GET", f"/system/function/{NAME}")[1])["availableReplicas"])

    def sockets(self) -> int:
        """Return the number of replicas that are there at all."""
        return len(self.socket_paths())

    def socket_paths(self) -> list[Path]:
        """Return the sockets of the replicas."""
        return [path for path in sockets(self.data) if path not in self._others]

    def fresh(self) -> Path:
        """Deploy the fixture and start one replica of it anew; return that one's socket."""
        self.deploy()
        self.scale(0)
        status, answer = self.ask("GET", f"/function/{NAME}/")
        assert status == 200, answer
        return self.socket_paths()[0]

    @staticmethod
    def wait_for(condition: Callable[[], bool], limit: float = 30.0) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < deadline, "it never came to be"
            time.sleep(0.002)


def sockets(data: Path) -> list[Path]:
    """Return the sockets of all replicas of a gateway."""
    return list((data / "run").glob("*.sock"))


@contextlib.contextmanager
def measured(modules: str | None = None, threads: int | None = None) -> Iterator[Running]:
    """Give the gateway that MAYFLY_GATEWAY_URL and MAYFLY_HOME name, else one of its own."""
    url = os.environ.get("MAYFLY_GATEWAY_URL")
    if url is None:
        with gateway(modules, threads) as own:
            yield own
        return
    home = Path(os.environ.get("MAYFLY_HOME", ROOT / ".mayfly"))
    data, password = home / "data" / "gateway", (home / "gateway-password").read_text().strip()
    port = int(url.rstrip("/").rpartition(":")[2])
    yield Running(port, data, password=password, others=sockets(data))


@contextlib.contextmanager
def gateway(modules: str | None = None, threads: int | None = None) -> Iterator[Running]:
    """Give a gateway on free ports with a fresh folder; ended when the block ends."""
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        data = Path(folder)
        (data / "password").write_text(_PASSWORD)
        port, metrics, nats = free_ports(3)
        env = {**os.environ, "GATEWAY_PASSWORD_FILE": str(data / "password")}
        env["GATEWAY_ZERO_INITIAL_SCALE"] = "on"
        if modules is not None:
            env["MAYFLY_PRELOAD"] = modules
        env |= preload.variables(env)
        if threads is not None:
            env["GATEWAY_REPLICA_THREADS"] = str(threads)
        arguments = ["--data", folder, "--port", str(port), "--metrics-port", str(metrics)]
        arguments += ["--nats", f"nats://127.0.0.1:{nats}", "--root", str(ROOT)]
        with (data / "gateway.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "emulators.gateway", *arguments],
                env=env,
                stderr=log,
                cwd=ROOT,
            )
        running = Running(port, data, process)
        try:
            running.wait_for(lambda: _healthy(running))
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _healthy(running: Running) -> bool:
    assert running.process.poll() is None, (running.data / "gateway.log").read_text()
    with contextlib.suppress(OSError):
        return running.ask("GET", "/healthz")[0] == 200
    return False
