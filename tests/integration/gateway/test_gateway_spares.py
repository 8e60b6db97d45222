"""Starts from a spare process: the same as from a fresh fork, in every respect but time."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import wait_until

CODE = """
import os, random, tempfile
import flask

COLOUR = os.environ["COLOUR"]
LOADED_IN = os.getpid()

def names(tasks):
    return {open(f"/proc/self/task/{task}/comm").read() for task in tasks}

def handle(request):
    if request.path == "/random":
        import numpy
        return [random.random(), float(numpy.random.random())]
    return {
        "pid": os.getpid(), "loaded_in": LOADED_IN, "colour": COLOUR, "env": dict(os.environ),
        "folder": os.getcwd(), "temporary": tempfile.gettempdir(),
        "threads": sorted(names(os.listdir("/proc/self/task")) - names([str(os.getpid())])),
    }
"""
THREADED = """
import os, threading

told = threading.Event()
done = threading.Event()

def work():
    told.wait()
    done.set()

threading.Thread(target=work, daemon=True).start()

def handle(request):
    told.set()
    return f"{os.getpid()} {done.wait(10)}"
"""
# One of the product's: what it imports, and that.
EARLY = """
import os
from functions.early.seen import SEEN

def handle(request):
    return {**SEEN, "pid": os.getpid(), "main": os.environ["COLOUR"]}
"""
SEEN = """
import os

SEEN = {"version": VERSION, "loaded_in": os.getpid(), "colour": os.environ.get("COLOUR")}
open(f"FOLDER/{os.getpid()}", "w").close()
"""
AHEAD = """
STEPS, READ_ONCE = (), ()
AHEAD = {"early": ("functions.early.seen",)}
"""
BROKEN = "print('words before the end')\nraise ValueError('no such thing')\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


def children(pid: int) -> list[int]:
    folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [int(folder.name) for folder in folders if parent(int(folder.name)) == pid]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def named(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def zygote(gateway: Any) -> int:
    [pid] = children(gateway.process.pid)
    return pid


def spare(gateway: Any, name: str = "spare", after: int = 0) -> int:
    """The pid of the one spare process called so, waited for; not that of one that is to end."""
    found: list[int] = []

    def there() -> bool:
        pids = [pid for pid in children(zygote(gateway)) if named(pid) == name]
        found[:] = [pid for pid in pids if pid != after]
        return bool(found)

    wait_until(there, what="a spare process")
    assert len(found) == 1
    return found[0]


def deploy(gateway: Any, name: str, code: str = CODE, **env: str) -> None:
    image = str(gateway.write_function(name, code=code))
    asleep = {"autoscaling.knative.dev/initial-scale": "0"}
    pairs = [{"name": key, "value": value} for key, value in env.items()]
    gateway.deploy(name, image=image, annotations=asleep, container={"env": pairs})


def state(gateway: Any, name: str) -> dict[str, Any]:
    status, _, answer = gateway.call("GET", f"/function/{name}/")
    assert status == 200, answer
    return dict(json.loads(answer))


def test_a_spare_becomes_a_replica_like_any_other(warm_gateway: Any, tmp_path: Path) -> None:
    deploy(warm_gateway, "red", COLOUR="red", TMPDIR=str(tmp_path))
    deploy(warm_gateway, "blue", COLOUR="blue", GRPC_VERBOSITY="error")
    waiting = spare(warm_gateway)
    red = state(warm_gateway, "red")
    assert (red["pid"], red["loaded_in"], red["colour"]) == (waiting, waiting, "red")
    assert red["temporary"] == str(tmp_path)
    waiting = spare(warm_gateway)
    blue = state(warm_gateway, "blue")  # its libraries are to read a variable when first used
    assert blue["pid"] not in (waiting, red["pid"])
    assert (blue["loaded_in"], blue["colour"]) == (blue["pid"], "blue")
    own = {"COLOUR", "TMPDIR", "GRPC_VERBOSITY"}
    assert set(red["env"]) - own == set(blue["env"]) - own
    assert red["threads"] == blue["threads"]
    assert "could not rehearse" not in warm_gateway.log()
    assert '"rehearsal": ["web", "session", "documents"]' in warm_gateway.log()


def test_replicas_draw_different_numbers(warm_gateway: Any) -> None:
    drawn = []
    for number in range(2):
        deploy(warm_gateway, f"dice-{number}", COLOUR="x")
        spare(warm_gateway)
        drawn.append(json.loads(warm_gateway.call("GET", f"/function/dice-{number}/random")[2]))
    assert drawn[0][0] != drawn[1][0]
    assert drawn[0][1] != drawn[1][1]


def test_code_may_start_a_thread_when_imported(warm_gateway: Any) -> None:
    deploy(warm_gateway, "threaded", THREADED)
    waiting = spare(warm_gateway)
    assert warm_gateway.call("GET", "/function/threaded/")[2].decode() == f"{waiting} True"


def test_code_that_cannot_be_imported_is_told_as_ever(warm_gateway: Any) -> None:
    spare(warm_gateway)
    image = str(warm_gateway.write_function("broken", code=BROKEN))
    warm_gateway.deploy("broken", image=image)
    wait_until(lambda: warm_gateway.ready("broken") == "False")
    assert "no such thing" in json.dumps(warm_gateway.service("broken")["status"])
    log = warm_gateway.data / "logs" / "broken.log"
    wait_until(lambda: log.exists() and "words before the end" in log.read_text())
    deploy(warm_gateway, "whole", COLOUR="x")
    assert state(warm_gateway, "whole")["colour"] == "x"


def test_a_spare_that_was_killed_costs_no_start(warm_gateway: Any) -> None:
    deploy(warm_gateway, "after", COLOUR="x")
    killed = spare(warm_gateway)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: f"spare process {killed} ended unused" in warm_gateway.log())
    assert state(warm_gateway, "after")["pid"] != killed
    assert spare(warm_gateway) != killed


def test_no_spare_outlives_the_gateway(own_gateway: Any) -> None:
    deploy(own_gateway, "one", COLOUR="x")
    replica = state(own_gateway, "one")["pid"]
    all_of_them = [zygote(own_gateway), spare(own_gateway), replica]
    own_gateway.signal(signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in all_of_them), what="their end")


def test_none_are_kept_where_none_are_wanted(own_gateway: Any) -> None:
    own_gateway.signal(signal.SIGTERM)
    own_gateway.env["GATEWAY_SPARES"] = "0"
    own_gateway.start()
    deploy(own_gateway, "forked", COLOUR="x")
    pid = state(own_gateway, "forked")["pid"]
    assert children(zygote(own_gateway)) == [pid]


def test_code_that_is_named_is_imported_before_its_start_and_is_never_old(
    own_gateway: Any, tmp_path: Path
) -> None:
    own_gateway.signal(signal.SIGTERM)
    folder = tmp_path / "functions" / "early"
    for package in (folder.parent, folder.parent / "kit", folder):
        package.mkdir()
        (package / "__init__.py").touch()
    (folder / "main.py").write_text(EARLY)
    (tmp_path / "rehearsal.py").write_text(AHEAD)
    own_gateway.root = tmp_path
    own_gateway.env["GATEWAY_REHEARSAL"] = str(tmp_path / "rehearsal.py")
    own_gateway.start()

    def asked(version: int) -> dict[str, Any]:
        """What a new replica says, of code that was deployed just now where it is another."""
        text = SEEN.replace("VERSION", str(version)).replace("FOLDER", str(tmp_path))
        if (folder / "seen.py").read_text() != text:
            (folder / "seen.py").write_text(text)
            colour = [{"name": "COLOUR", "value": "red"}]
            asleep = {"autoscaling.knative.dev/initial-scale": "0"}
            own_gateway.deploy(
                "early", image="mayfly/early", annotations=asleep, container={"env": colour}
            )
            wait_until(lambda: own_gateway.ready("early") == "True")
        return state(own_gateway, "early")

    (folder / "seen.py").touch()
    before = 0
    for version in (1, 2):
        first = asked(version)
        assert (first["version"], first["colour"]) == (version, "red")  # imported at its start
        waiting = spare(own_gateway, "spare ahead", after=before)
        wait_until((tmp_path / str(waiting)).exists, what="its import")
        own_gateway.scale("early", 0)
        early = asked(version)
        assert (early["version"], early["pid"], early["loaded_in"]) == (version, waiting, waiting)
        assert (early["colour"], early["main"]) == (None, "red")
        before = spare(own_gateway, "spare ahead", after=waiting)
        own_gateway.scale("early", 0)
    assert "ended unused" not in own_gateway.log()
