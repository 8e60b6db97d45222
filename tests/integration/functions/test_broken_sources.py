"""Streamed answers whose source is killed: an error for the client, never an end as if whole."""

import contextlib
import csv
import hashlib
import http.client
import io
import json
import os
import random
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from functions.kit.contract.access.api_key import digest
from tests.integration.functions.conftest import BUCKET, KEY, STEP_SECRET
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.emulators.indexes import index_options
from tests.support.models.onnx import heavy
from tests.support.models.registrations import registration
from tests.support.processes import PATIENCE, Emulator, children, free_port, wait_until
from tests.support.servers.planes import plane_with

__all__ = ["broker"]

FUNCTIONS = ["datasets", "training", "models"]
BROKEN = (http.client.IncompleteRead, ConnectionError)
# Far more than all sockets and pages on the way hold, so that most is still to be read.
ROWS, WIDTH = 15_000, 1_500
FILE_BYTES = 24_000_000


class World:
    """Functions on a gateway, and the two stores beneath them, which a test may kill."""

    def __init__(self, stack: ExitStack, broker: Broker, folder: Path) -> None:
        firestore, storage = free_port(), free_port()
        self.storage_url = f"http://127.0.0.1:{storage}"
        self.env = {
            "FIRESTORE_EMULATOR_HOST": f"127.0.0.1:{firestore}",
            "STORAGE_EMULATOR_HOST": self.storage_url,
            "GOOGLE_CLOUD_PROJECT": "mayfly-test",
            "MAYFLY_BUCKET": BUCKET,
            "MAYFLY_STEP_SECRET": STEP_SECRET,
            "MAYFLY_FIRST_KEY": digest(KEY),
        }
        options = ["--data", str(folder / "firestore"), "--port", str(firestore), *index_options()]
        ready = f"tcp://127.0.0.1:{firestore}"
        self.firestore = Emulator("emulators.firestore", options, firestore, ready)
        options = ["--data", str(folder / "storage"), "--port", str(storage), "--bucket", BUCKET]
        ready = f"{self.storage_url}/"
        self.storage = Emulator("emulators.storage", options, storage, ready)
        stack.enter_context(self.firestore)
        stack.enter_context(self.storage)
        plane = plane_with(FUNCTIONS, self.env, broker, folder)
        self.gateway: Gateway = stack.enter_context(plane)

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """Call a function; return the JSON of its answer, which must be a success."""
        content = json.dumps(body) if kind == "application/json" and body is not None else body
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
        status, _, answer = self.gateway.call(method, f"/function/{path}", content, headers)
        assert status < 300, answer
        return json.loads(answer)

    @contextmanager
    def open(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """Ask for a download over a connection that holds little, and leave its body unread."""
        line = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=PATIENCE)
        with contextlib.closing(line), socket.socket() as line.sock:
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            line.sock.settimeout(PATIENCE)
            line.sock.connect(("127.0.0.1", self.gateway.port))
            headers = {"Authorization": f"Bearer {KEY}"}
            line.request("GET", f"/function/{path}", headers=headers)
            with line.getresponse() as answer:
                yield answer

    def mend(self) -> None:
        """Start those of the stores that were killed."""
        for part in (self.firestore, self.storage):
            if not part.is_running:
                part.start()


@pytest.fixture(scope="module")
def world(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack, broker, tmp_path_factory.mktemp("world"))


@pytest.fixture(autouse=True)
def whole(world: World) -> None:
    """Every test begins with both stores there."""
    world.mend()


@pytest.fixture(scope="module")
def table(world: World) -> str:
    """A large dataset; returns its id."""
    rng = random.Random(7)
    text = "n,group,note\n" + "".join(
        f"{row},{'ab'[row % 2]},{rng.randbytes(WIDTH // 2).hex()}\n" for row in range(ROWS)
    )
    name: str = world.call("POST", "datasets/datasets?name=large", text, "text/csv")["id"]
    wait_until(
        lambda: world.call("GET", f"datasets/datasets/{name}")["state"] == "ready",
        timeout=2 * PATIENCE,
        what="the import",
    )
    return name


def test_an_export_that_is_whole_ends_cleanly(world: World, table: str) -> None:
    with world.open(f"datasets/datasets/{table}/export.csv") as answer:
        rows = list(csv.reader(io.TextIOWrapper(answer, "utf-8", newline="")))
    assert len(rows) == ROWS + 1


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_export_whose_replica_is_killed_breaks_off(world: World, table: str, form: str) -> None:
    with world.open(f"datasets/datasets/{table}/export.{form}") as answer:
        assert answer.status == 200
        assert len(answer.read(100_000)) == 100_000
        kill_replicas(world, "datasets")
        with pytest.raises(BROKEN):
            answer.read()


def test_an_export_needs_the_stores_for_its_beginning_alone(world: World, table: str) -> None:
    with world.open(f"datasets/datasets/{table}/export.csv") as answer:
        assert answer.read(100_000).count(b"\n") > 10
        world.firestore.kill()
        world.storage.kill()
        rest = answer.read()
    assert rest.count(b"\r\n") > ROWS - 100
    assert rest.endswith(b"\r\n")


def test_an_export_whose_source_is_away_is_refused(world: World, table: str) -> None:
    world.call("GET", "datasets/datasets")  # the key is known, the replica is there
    world.firestore.kill()
    with world.open(f"datasets/datasets/{table}/export.csv") as answer:
        assert answer.status == 503
        assert json.loads(answer.read())["status"] == 503


def test_events_whose_source_is_killed_break_off(world: World, table: str) -> None:
    order = {"dataset": table, "target": "group", "folds": 10}
    job = world.call("POST", "training/jobs", order)["id"]
    with world.open(f"training/jobs/{job}/events") as answer:
        assert answer.status == 200
        assert answer.readline() == b"event: job\n"
        world.firestore.kill()
        with pytest.raises(BROKEN):
            answer.read()


@pytest.fixture(scope="module")
def version(world: World) -> tuple[str, str]:
    """A model whose file is large; returns the path of its download and its SHA-256."""
    world.mend()
    trained = heavy(FILE_BYTES)
    path = "models/large/file.onnx"
    place = f"/upload/storage/v1/b/{BUCKET}/o?uploadType=media&name={path}"
    line = http.client.HTTPConnection("127.0.0.1", world.storage.port, timeout=PATIENCE)
    with contextlib.closing(line):
        line.request("POST", place, trained.data)
        assert line.getresponse().status == 200
    file = {"path": path, "sha256": trained.sha256, "bytes": len(trained.data)}
    world.call("POST", "models/models/large/versions", registration(trained, file, "job"))
    return "models/models/large/versions/1/model.onnx", trained.sha256


def test_a_model_file_is_whole_or_an_error(world: World, version: tuple[str, str]) -> None:
    path, sha256 = version
    seen = set()
    for seconds in (0.0, 0.04):
        world.mend()
        killer = threading.Timer(seconds, world.storage.kill)
        killer.start()
        seen.add(outcome(world, path, sha256))
        killer.join()
    assert seen <= {"whole", "refused"}
    assert "refused" in seen


def outcome(world: World, path: str, sha256: str) -> str:
    """Tell how a download ended; one that seems whole must be so."""
    try:
        with world.open(path) as answer:
            body = answer.read()
    except BROKEN:
        return "broken off"
    if answer.status == 200:
        assert hashlib.sha256(body).hexdigest() == sha256
        return "whole"
    assert answer.status == 503, body
    return "refused"


def test_a_model_file_whose_replica_is_killed_breaks_off(
    world: World, version: tuple[str, str]
) -> None:
    path, _ = version
    with world.open(path) as answer:
        assert int(answer.headers["Content-Length"]) > FILE_BYTES
        answer.read(100_000)
        kill_replicas(world, "models")
        with pytest.raises(BROKEN):
            answer.read()


def kill_replicas(world: World, function: str) -> None:
    """Kill -9 the processes that are replicas of a function: the parent's children of its name."""
    assert world.gateway.process is not None
    found = [
        pid
        for parent in children(world.gateway.process.pid)
        for pid in children(parent)
        if Path(f"/proc/{pid}/comm").read_text().startswith(f"{function}-0")
    ]
    assert found
    for pid in found:
        os.kill(pid, signal.SIGKILL)
