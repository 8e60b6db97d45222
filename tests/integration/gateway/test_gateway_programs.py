"""Containers with a command: any program that listens on PORT, from zero and back."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import PATIENCE, alive, children, wait_until
from tests.support.tools import program

ASGI = """
import asyncio, os, sys
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()

@app.get("/who")
def who():
    return {"revision": os.environ["K_REVISION"], "pid": os.getpid(), "folder": os.getcwd(),
            "python": sys.executable, "own": os.environ.get("OWN")}

@app.get("/ready")
def ready():
    return "ready"

@app.get("/events")
def events(file: str):
    async def told():
        yield "data: 0\\n\\n"
        while not os.path.exists(file):
            await asyncio.sleep(0.01)
        yield "data: 1\\n\\ndata: 2\\n\\n"
    return StreamingResponse(told(), media_type="text/event-stream")
"""
UVICORN = ["python", "-m", "uvicorn", "app:app", "--port", "$(PORT)"]

SOCKETS = """
import os
from aiohttp import WSMsgType, web

async def talk(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type == WSMsgType.TEXT and message.data == "bye":
            break
        if message.type == WSMsgType.TEXT:
            await ws.send_str(message.data.upper())
        if message.type == WSMsgType.BINARY:
            await ws.send_bytes(message.data[::-1])
    await ws.close(code=4001, message=b"as you wish")
    return ws

app = web.Application()
app.router.add_get("/talk", talk)
web.run_app(app, host="127.0.0.1", port=int(os.environ["PORT"]), print=None)
"""

# A shell that starts a server and another process beside it: a group of three.
FAMILY = """#!/bin/sh
sleep 600 &
echo "$!" > "$PIDS"
exec python server.py
"""
SERVER = """
import http.server, os, signal, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

if os.environ.get("STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    def stop(*_):
        print("stopping as told")
        raise SystemExit
    signal.signal(signal.SIGTERM, stop)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def deploy(
    gateway: Any, name: str, files: dict[str, str], command: list[str], **container: Any
) -> Path:
    folder: Path = gateway.folder / name
    folder.mkdir(exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text)
    args = container.pop("args", [])
    spec = container.pop("spec", {})
    container |= {"command": command, "args": args}
    gateway.deploy(name, image=str(folder), container=container, **spec)
    return folder


def env(**variables: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in variables.items()]


def reason(gateway: Any, name: str) -> str:
    wait_until(lambda: gateway.ready(name) == "False", what="the failure")
    return str(gateway.service(name)["status"]["conditions"][0]["message"])


def log(gateway: Any, name: str) -> str:
    file = gateway.data / "logs" / f"{name}.log"
    return str(file.read_text()) if file.exists() else ""


@pytest.fixture(scope="module")
def asgi(gateway: Any) -> Iterator[Any]:
    probe = {"httpGet": {"path": "/ready"}}
    deploy(
        gateway, "asgi", {"app.py": ASGI}, UVICORN[:3], args=UVICORN[3:], readinessProbe=probe,
        env=env(OWN="yes"),
    )  # fmt: skip
    wait_until(lambda: gateway.ready("asgi") == "True", what="the program ready")
    return gateway


def test_an_asgi_application_runs_as_its_command_says(asgi: Any) -> None:
    status, _, body = asgi.call("GET", "/function/asgi/who")
    assert status == 200
    seen = json.loads(body)
    assert (seen["revision"], seen["own"]) == ("asgi-00001", "yes")
    assert Path(seen["python"]) == Path(sys.executable)
    assert Path(seen["folder"]).parent == asgi.data / "code"
    host = {"Host": "asgi.default.localhost"}
    assert asgi.call("GET", "/who", headers=host)[0] == 200


def test_it_is_scaled_from_zero(asgi: Any) -> None:
    first = json.loads(asgi.call("GET", "/function/asgi/who")[2])["pid"]
    asgi.scale("asgi", 0)
    wait_until(lambda: not alive(first), what="the end of the program")
    assert json.loads(asgi.call("GET", "/function/asgi/who")[2])["pid"] != first


def test_replicas_listen_on_ports_of_their_own(asgi: Any, hold: Any) -> None:
    asgi.scale("asgi", 2)
    connection = asgi.connection()
    connection.request("GET", f"/function/asgi/events?file={hold.file}")
    answer = connection.getresponse()
    while_one_is_busy = json.loads(asgi.call("GET", "/function/asgi/who")[2])["pid"]
    hold.let_go()
    answer.read()
    connection.close()
    assert json.loads(asgi.call("GET", "/function/asgi/who")[2])["pid"] != while_one_is_busy


def test_server_sent_events_are_not_buffered(asgi: Any, hold: Any) -> None:
    asgi.call("GET", "/function/asgi/who")
    connection = asgi.connection()
    connection.request("GET", f"/function/asgi/events?file={hold.file}")
    answer = connection.getresponse()
    assert answer.readline() == b"data: 0\n"  # while the function waits with the others
    hold.let_go()
    assert b"data: 2" in answer.read()
    connection.close()


def test_a_websocket_reaches_a_program(gateway: Any) -> None:
    deploy(gateway, "sockets", {"server.py": SOCKETS}, ["python3", "server.py"])
    gateway.scale("sockets", 0)

    async def talk() -> None:
        address = f"ws://127.0.0.1:{gateway.port}/function/sockets/talk"
        async with aiohttp.ClientSession() as session, session.ws_connect(address) as ws:
            await ws.send_str("hello")
            assert await ws.receive_str(timeout=PATIENCE) == "HELLO"
            large = os.urandom(300_000)
            await ws.send_bytes(large)
            assert await ws.receive_bytes(timeout=PATIENCE) == large[::-1]
            await ws.send_str("bye")
            closing = await ws.receive(timeout=PATIENCE)
            assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, 4001)

    asyncio.run(talk())


def test_a_node_server_runs_with_what_was_installed_into_its_folder(gateway: Any) -> None:
    program("node", package="nodejs")
    folder = gateway.folder / "noded"
    package = folder / "node_modules" / "words"
    package.mkdir(parents=True)
    (package / "index.js").write_text("module.exports = 'from a package'\n")
    (package / "run.js").write_text("require('./serve')\n")
    (package / "serve.js").write_text(
        "const words = require('words')\n"
        "require('http').createServer((_, answer) => answer.end(words))"
        ".listen(process.env.PORT, '127.0.0.1')\n"
    )
    (folder / "node_modules" / ".bin").mkdir()
    (folder / "node_modules" / ".bin" / "run").symlink_to("../words/run.js")
    deploy(gateway, "noded", {}, ["node", "node_modules/.bin/run"])
    assert gateway.call("GET", "/function/noded/")[2] == b"from a package"


def test_sigterm_is_the_programs_own_affair(gateway: Any) -> None:
    deploy(gateway, "polite", {"server.py": SERVER}, ["python", "server.py"])
    pid = int(gateway.call("GET", "/function/polite/")[2])
    gateway.scale("polite", 0)
    wait_until(lambda: not alive(pid))
    wait_until(lambda: "stopping as told" in log(gateway, "polite"), what="its last words")


def family(
    gateway: Any, name: str, tmp_path: Path, timeout: int = 30, **variables: str
) -> tuple[int, int]:
    """Deploys a shell script that starts two processes; the pids of both."""
    pids = tmp_path / f"{name}.pid"
    deploy(
        gateway, name, {"server.py": SERVER, "start.sh": FAMILY}, ["sh", "start.sh"],
        env=env(PIDS=str(pids), **variables), spec={"timeoutSeconds": timeout},
    )  # fmt: skip
    wait_until(lambda: gateway.ready(name) == "True", what="the program ready")
    server = int(gateway.call("GET", f"/function/{name}/")[2])
    return server, int(pids.read_text())


def test_what_a_program_leaves_behind_is_killed(gateway: Any, tmp_path: Path) -> None:
    pids = family(gateway, "untidy", tmp_path)
    gateway.scale("untidy", 0)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the group")


def test_a_program_that_does_not_stop_is_killed_with_its_group(
    own_gateway: Any, tmp_path: Path
) -> None:
    gateway = own_gateway
    gateway.env["GATEWAY_STOP_GRACE"] = "1"
    gateway.signal(signal.SIGTERM)
    gateway.start()
    pids = family(gateway, "stubborn", tmp_path, timeout=3, STUBBORN="1")
    gateway.scale("stubborn", 0)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the group")


def test_no_program_outlives_a_killed_gateway(own_gateway: Any, tmp_path: Path) -> None:
    pids = family(own_gateway, "orphan", tmp_path, STUBBORN="1")
    own_gateway.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the group")
    own_gateway.start()
    assert own_gateway.call("GET", "/function/orphan/")[0] == 200


def test_no_program_outlives_the_parent_of_replicas(own_gateway: Any, tmp_path: Path) -> None:
    pids = family(own_gateway, "bereaved", tmp_path, STUBBORN="1")
    (parent,) = children(own_gateway.process.pid)
    os.kill(parent, signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the group")
    status, _, body = own_gateway.call("GET", "/function/bereaved/")
    assert status == 200, body


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_no_program_outlives_what_watches_over_it(gateway: Any, tmp_path: Path) -> None:
    pids = family(gateway, "unwatched", tmp_path, STUBBORN="1")
    os.kill(parent_of(pids[0]), signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the group")


def test_a_program_that_dies_is_started_again(gateway: Any) -> None:
    deploy(gateway, "mortal-program", {"server.py": SERVER}, ["python", "server.py"])
    first = int(gateway.call("GET", "/function/mortal-program/")[2])
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not alive(first))

    def again() -> bool:
        status, _, body = gateway.call("GET", "/function/mortal-program/")
        return status == 200 and int(body) != first

    wait_until(again, what="another replica")


def test_a_command_that_does_not_exist_is_named(gateway: Any) -> None:
    deploy(gateway, "missing", {}, ["no-such-command", "--port", "1"])
    assert "there is no command 'no-such-command' on PATH" in reason(gateway, "missing")
    status, _, body = gateway.call("GET", "/function/missing/")
    assert status == 503
    assert b"no-such-command" in body


def test_a_file_that_may_not_be_executed_is_named(gateway: Any) -> None:
    deploy(gateway, "unmarked", {"server": "#!/bin/sh\n"}, ["./server"])
    assert "'./server' may not be executed" in reason(gateway, "unmarked")


def test_a_program_that_ends_at_once_leaves_its_last_words(gateway: Any) -> None:
    code = "import sys; print('no database'); sys.exit(3)"
    deploy(gateway, "brief", {}, ["python", "-c", code])
    told = reason(gateway, "brief")
    assert "no database\n" in told
    assert "ended with status 3 before it listened on 127.0.0.1:" in told


def test_a_program_that_never_listens_is_ended(own_gateway: Any) -> None:
    gateway = own_gateway
    gateway.env["GATEWAY_START_LIMIT"] = "5"
    gateway.signal(signal.SIGTERM)
    gateway.start()
    code = "import os, time; print('pid', os.getpid()); time.sleep(600)"
    deploy(gateway, "deaf", {}, ["python", "-c", code])
    told = reason(gateway, "deaf")
    assert "did not listen on 127.0.0.1:" in told
    pid = int(told.split("pid ")[1].split()[0])
    wait_until(lambda: not alive(pid))


def test_a_program_that_ends_before_its_probe_answers_is_told_at_once(gateway: Any) -> None:
    code = (
        "import os, socket, sys\n"
        "s = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
        "for _ in range(2): s.accept()\n"
        "sys.exit(4)"
    )
    probe = {"httpGet": {"path": "/ready"}}
    deploy(gateway, "fickle", {}, ["python", "-c", code], readinessProbe=probe)
    assert "it ended with status 4 before it was ready" in reason(gateway, "fickle")


@pytest.mark.parametrize(
    ("container", "named"),
    [
        ({"image": "library/nginx", "command": ["nginx"]}, "library/nginx"),
        ({"image": "/no/such/folder", "command": ["python"]}, "there is no folder /no/such/folder"),
    ],
)
def test_what_cannot_run_here_is_refused(gateway: Any, container: Any, named: str) -> None:
    spec = {"template": {"spec": {"containers": [container]}}}
    status, answer = gateway.apply(SERVICES, {"metadata": {"name": "refused"}, "spec": spec})
    assert (status, answer["reason"]) == (400, "BadRequest")
    assert named in answer["message"]


def test_calls_in_flight_are_finished_before_a_program_is_stopped(asgi: Any, hold: Any) -> None:
    asgi.call("GET", "/function/asgi/who")
    connection = asgi.connection()
    connection.request("GET", f"/function/asgi/events?file={hold.file}")
    answer = connection.getresponse()
    asgi.scale("asgi", 0)
    hold.let_go()
    assert b"data: 2" in answer.read()
    connection.close()
