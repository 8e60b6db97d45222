"""Replicas under attack: a function, and a program that breaks every rule."""

from typing import Any

from tests.integration.gateway.mixed import EVIL, Target, both_ways

FUNCTION = f"""
import flask

EVIL = {EVIL!r}

def failing():
    yield b"a part"
    raise ValueError("the source failed")

def handle(request):
    path = request.path
    if path.startswith("/echo/"):
        return path[6:]
    if path == "/refuse":
        return flask.Response("no", 422)
    if path == "/reply":
        fields = {{"ce-id": "reply-to-" + request.headers["ce-id"], "ce-source": "/mixed",
                  "ce-type": "reply", "ce-specversion": "1.0"}}
        return flask.Response(request.get_data(), headers=fields, mimetype="text/plain")
    if path == "/longer":
        return flask.Response([EVIL], headers={{"Content-Length": "3"}})
    if path == "/longer-stream":
        return flask.Response((EVIL for _ in range(3)), headers={{"Content-Length": "3"}})
    if path == "/shorter":
        return flask.Response(["x"], headers={{"Content-Length": "50"}})
    if path == "/empty":
        return flask.Response(EVIL, 204)
    if path == "/unchanged":
        return flask.Response(EVIL, 304)
    if path == "/fails":
        return flask.Response(failing())
    return flask.Response("other", 404)
"""
FUNCTION_ANSWERS = (
    "/longer",
    "/longer-stream",
    "/shorter",
    "/empty",
    "/unchanged",
    "/fails",
)
NOTES = """
import os

def handle(request):
    with open(os.environ["SEEN"], "a") as file:
        file.write(request.headers["ce-id"] + " " + request.get_data(as_text=True) + "\\n")
    return ""
"""
ONE = {"autoscaling.knative.dev/max-scale": "1"}  # all calls share its connections
# A server that breaks every rule: it reads no bodies, and answers what it takes for a request.
PROGRAM = f"""
import os, socket, threading, time

EVIL = {EVIL!r}
OK = b"HTTP/1.1 200 OK\\r\\n"

def sized(body, head=OK):
    return head + b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body

def serve(raw):
    with raw:
        file = raw.makefile("rb")
        while line := file.readline():
            while file.readline() not in (b"\\r\\n", b""):
                pass
            if not answer(raw, line.split()):
                return

def answer(raw, line):
    if line[:1] in ([b"PRI"], [b"SM"]):  # how HTTP/2 begins
        return True
    if len(line) < 2:
        return False
    method, path = line[0], line[1].decode()
    if path.startswith("/echo/"):
        raw.sendall(sized(path[6:].encode()))
    elif path == "/excess":
        raw.sendall(sized(b"short") + EVIL)
    elif path == "/excess-head":
        raw.sendall(sized(b"short") + EVIL[:20])
    elif path == "/excess-late":
        raw.sendall(sized(b"short"))
        time.sleep(0.003)
        raw.sendall(EVIL)
    elif path == "/idle-bytes":
        raw.sendall(sized(b"short"))
        time.sleep(0.03)
        raw.sendall(EVIL)
    elif path == "/empty":
        raw.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n" + EVIL)
    elif path == "/unchanged":
        raw.sendall(b"HTTP/1.1 304 Not Modified\\r\\nContent-Length: 9\\r\\n\\r\\n")
        raw.sendall(EVIL)
    elif path == "/interim":
        raw.sendall(b"HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\n" + sized(b"short") + EVIL)
    elif path == "/switch":
        raw.sendall(b"HTTP/1.1 101 Switching\\r\\nConnection: upgrade\\r\\nUpgrade: x\\r\\n\\r\\n")
        raw.sendall(EVIL)
    elif path == "/switch-bare":
        raw.sendall(b"HTTP/1.1 101 Switching\\r\\n\\r\\n" + EVIL)
    elif path == "/two-lengths":
        raw.sendall(OK + b"Content-Length: 2\\r\\n" + sized(EVIL, b""))
    elif path == "/two-framings":
        raw.sendall(OK + b"Transfer-Encoding: chunked\\r\\n" + sized(b"0\\r\\n\\r\\n" + EVIL, b""))
    elif path == "/contradicts":
        raw.sendall(sized(b"short", OK + b"Connection: keep-alive, close\\r\\n"))
        raw.sendall(EVIL)
    elif path == "/closes":
        raw.sendall(sized(b"short", OK + b"Connection: keep-alive\\r\\n"))
        return False
    elif path == "/until-closed":
        raw.sendall(OK + b"\\r\\n" + EVIL)
        return False
    elif path == "/no-http":
        raw.sendall(b"what?\\r\\n\\r\\n" + EVIL)
    else:
        raw.sendall(sized(b"no", b"HTTP/1.1 422 No\\r\\n"))
    return True

listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""
PROGRAM_ANSWERS = (
    "/excess", "/excess-head", "/excess-late", "/idle-bytes", "/empty", "/unchanged", "/interim",
    "/switch", "/switch-bare", "/two-lengths", "/two-framings", "/contradicts", "/closes",
    "/until-closed", "/no-http", "/echo/x",
)  # fmt: skip


def deploy_program(gateway: Any, name: str) -> list[Target]:
    """A program of one replica."""
    folder = gateway.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "server.py").write_text(PROGRAM)
    gateway.deploy_ready(
        name, image=str(folder), annotations=ONE, container={"command": ["python", "server.py"]}
    )
    return both_ways(gateway.port, name)


def deploy_function(gateway: Any, name: str) -> list[Target]:
    """A function of one replica."""
    folder = gateway.write_function(name, code=FUNCTION)
    gateway.deploy_ready(name, image=str(folder), annotations=ONE)
    return both_ways(gateway.port, name)
