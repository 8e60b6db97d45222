"""Starts from a function's warm parent: like those from a fresh fork in all respects but time."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Broker, Gateway
from tests.support.processes import alive, children, wait_until

# A library whose import takes long, and which says who imported it.
HEAVY = """
import os, time, numpy.random
time.sleep(0.15)
os.environ["SET_BY_HEAVY"] = "1"
IMPORTED_IN = os.getpid()
"""
THREADED = """
import threading, time
time.sleep(0.15)
threading.Thread(target=threading.Event().wait, name="worker", daemon=True).start()
"""
CONNECTED = """
import socket, time
time.sleep(0.15)
ENDS = socket.socketpair()
"""
CODE = """
import os, random
import LIBRARY, numpy
from beside import LOADED_IN as BESIDE

LOADED_IN = os.getpid()

def target(number):
    # Sockets and pipes have numbers of their own.
    try:
        found = os.readlink(f"/proc/self/fd/{number}")
    except FileNotFoundError:
        return ""
    return "" if found.startswith(("socket:", "pipe:")) else found

def handle(request):
    return {
        "pid": os.getpid(), "parent": os.getppid(), "main": LOADED_IN, "beside": BESIDE,
        "library": getattr(LIBRARY, "IMPORTED_IN", 0), "env": dict(os.environ),
        "folder": os.getcwd(), "random": [random.random(), float(numpy.random.random())],
        "files": sorted(os.listdir("GIVEN")), "threads": len(os.listdir("/proc/self/task")),
        "open": sorted(filter(None, (target(x) for x in os.listdir("/proc/self/fd")))),
    }
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are none elsewhere")


@pytest.fixture(scope="module")
def heavy_gateway(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One whose functions may import libraries that take long."""
    folder = tmp_path_factory.mktemp("gateway")
    gateway = Gateway(folder, broker.port)
    libraries = folder / "libraries"
    libraries.mkdir()
    for name, text in (("heavy", HEAVY), ("threaded", THREADED), ("connected", CONNECTED)):
        (libraries / f"wp_{name}.py").write_text(text)
    gateway.env |= {"PYTHONPATH": str(libraries), "GATEWAY_ZERO_INITIAL_SCALE": "on"}
    gateway.start()
    yield gateway
    gateway.end()


def deploy(gateway: Gateway, name: str, library: str = "wp_heavy", **env: str) -> None:
    code = CODE.replace("LIBRARY", library).replace("GIVEN", str(gateway.data))
    folder = gateway.write_function(name, code=code)
    (folder / "beside.py").write_text("import os\nLOADED_IN = os.getpid()\n")
    asleep = {"autoscaling.knative.dev/initial-scale": "0"}
    pairs = [{"name": key, "value": value} for key, value in env.items()]
    gateway.deploy(name, image=str(folder), annotations=asleep, container={"env": pairs})


def cold(gateway: Gateway, name: str) -> dict[str, Any]:
    """What a new replica says, started from zero."""
    gateway.scale(name, 0)
    status, _, answer = gateway.call("GET", f"/function/{name}/")
    assert status == 200, answer
    return dict(json.loads(answer))


def told(gateway: Gateway, name: str) -> str:
    """What is said of its warm parent."""
    return str(gateway.ask("GET", f"/system/function/{name}")[1].get("warmParent", ""))


def warmed(gateway: Gateway, name: str) -> None:
    wait_until(lambda: told(gateway, name).startswith("yes, "), what="its warm parent")


def test_the_next_start_comes_from_a_process_that_has_imported_the_libraries(
    heavy_gateway: Gateway,
) -> None:
    deploy(heavy_gateway, "usual", COLOUR="red")
    fresh = cold(heavy_gateway, "usual")
    assert fresh["library"] == fresh["pid"]
    warmed(heavy_gateway, "usual")
    first, second = cold(heavy_gateway, "usual"), cold(heavy_gateway, "usual")
    [zygote] = children(heavy_gateway.process.pid if heavy_gateway.process else 0)
    for one in (first, second):
        assert one["library"] not in (one["pid"], fresh["pid"])
        assert one["main"] == one["beside"] == one["pid"]
        assert one["parent"] == zygote
        for what in ("env", "folder", "files", "open"):
            assert one[what] == fresh[what], what
        assert one["threads"] <= fresh["threads"]  # OpenBLAS's come with the first work for them
    assert first["env"]["COLOUR"] == "red"
    assert first["random"][0] != second["random"][0]
    assert first["random"][1] != second["random"][1]


def test_several_replicas_at_once_come_from_it(heavy_gateway: Gateway) -> None:
    deploy(heavy_gateway, "several")
    cold(heavy_gateway, "several")
    warmed(heavy_gateway, "several")
    parent = cold(heavy_gateway, "several")["library"]
    heavy_gateway.scale("several", 3)
    [zygote] = children(heavy_gateway.process.pid if heavy_gateway.process else 0)
    wait_until(lambda: len(replicas(zygote, "several", parent)) == 3)
    heavy_gateway.scale("several", 0)
    wait_until(lambda: not replicas(zygote, "several", parent))
    assert alive(parent)


def replicas(zygote: int, name: str, but: int) -> list[int]:
    """Return the processes that are replicas of a function, as lists of processes name them."""
    found = []
    for pid in children(zygote):
        comm = Path(f"/proc/{pid}/comm")
        if pid != but and comm.exists() and comm.read_text().startswith(name):
            found.append(pid)
    return found


def test_its_death_harms_no_replica_and_it_comes_again(heavy_gateway: Gateway) -> None:
    deploy(heavy_gateway, "orphan")
    cold(heavy_gateway, "orphan")
    warmed(heavy_gateway, "orphan")
    child = cold(heavy_gateway, "orphan")
    os.kill(child["library"], signal.SIGKILL)
    wait_until(lambda: told(heavy_gateway, "orphan") == "after its next start")
    _, _, answer = heavy_gateway.call("GET", "/function/orphan/")
    assert json.loads(answer)["pid"] == child["pid"]
    fresh = cold(heavy_gateway, "orphan")
    assert fresh["library"] == fresh["pid"]
    warmed(heavy_gateway, "orphan")
    assert cold(heavy_gateway, "orphan")["library"] not in (fresh["pid"], child["library"])


def test_one_that_hangs_costs_its_start_two_seconds_and_itself(heavy_gateway: Gateway) -> None:
    deploy(heavy_gateway, "hung")
    cold(heavy_gateway, "hung")
    warmed(heavy_gateway, "hung")
    parent = cold(heavy_gateway, "hung")["library"]
    heavy_gateway.scale("hung", 0)
    os.kill(parent, signal.SIGSTOP)
    fresh = cold(heavy_gateway, "hung")
    assert fresh["library"] == fresh["pid"]
    wait_until(lambda: not alive(parent))


def test_a_new_revision_ends_it(heavy_gateway: Gateway) -> None:
    deploy(heavy_gateway, "newer", COLOUR="red")
    cold(heavy_gateway, "newer")
    warmed(heavy_gateway, "newer")
    parent = cold(heavy_gateway, "newer")["library"]
    heavy_gateway.scale("newer", 0)
    deploy(heavy_gateway, "newer", COLOUR="blue")
    fresh = cold(heavy_gateway, "newer")
    assert (fresh["library"], fresh["env"]["COLOUR"]) == (fresh["pid"], "blue")
    wait_until(lambda: not alive(parent))
    warmed(heavy_gateway, "newer")
    assert cold(heavy_gateway, "newer")["env"]["COLOUR"] == "blue"


@pytest.mark.parametrize(
    ("library", "why"),
    [
        ("wp_threaded", "its imports start threads ("),
        ("wp_connected", "its imports leave socket:["),
    ],
)
def test_what_cannot_be_forked_has_none_and_says_why(
    heavy_gateway: Gateway, library: str, why: str
) -> None:
    name = library.replace("_", "-")
    deploy(heavy_gateway, name, library)
    cold(heavy_gateway, name)
    wait_until(lambda: told(heavy_gateway, name).startswith(why), what=why)
    log = heavy_gateway.data / "logs" / f"{name}.log"
    assert f"no warm parent for this function: {why}" in log.read_text()
    assert cold(heavy_gateway, name)["main"]


def test_none_outlives_the_gateway(own_gateway: Any, tmp_path: Path) -> None:
    own_gateway.signal(signal.SIGTERM)
    (tmp_path / "wp_heavy.py").write_text(HEAVY)
    own_gateway.env["PYTHONPATH"] = str(tmp_path)
    own_gateway.start()
    deploy(own_gateway, "last")
    cold(own_gateway, "last")
    warmed(own_gateway, "last")
    child = cold(own_gateway, "last")
    own_gateway.signal(signal.SIGKILL)
    pids = [child["pid"], child["library"], child["parent"]]
    wait_until(lambda: not any(alive(pid) for pid in pids), what="their end")
