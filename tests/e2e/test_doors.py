"""Every listener answers its own hosts, and no page of another origin, whatever that sends."""

import contextlib
from pathlib import Path

import pytest

from tests.support.servers.doors import Door, basic

pytestmark = pytest.mark.slow

SERVICES = "/apis/serving.knative.dev/v1/namespaces/default/services"
DOCUMENTS = "/v1/projects/mayfly-local/databases/(default)/documents"
NAMES = ["function", "async", "broker", "system", "apis", "system without the password", "metrics",
         "firestore", "firestore's own routes", "storage", "web"]  # fmt: skip
FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
# What a browser sends for a page of another port of this machine, a sandboxed frame, a form, ...
STRANGERS = {
    "another site": FOREIGN,
    "an old browser": {"Origin": "https://evil.example"},
    "a sandboxed frame": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "no origin to tell": {"Origin": "null"},
    "no CORS": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "almost our name": {"Origin": "http://localhost.evil.example"},
}
NEIGHBOUR = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}
KINDS = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
HOSTS = ("evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example",
         "0.0.0.0:{port}", "hello.dev", "169.254.169.254", "a@localhost, evil.example")  # fmt: skip
OWN_HOSTS = ("localhost", "localhost:{port}", "LOCALHOST:{port}", "127.0.0.1", "127.1.2.3:{port}",
             "[::1]:{port}", "mayfly.localhost", "localhost.:{port}")  # fmt: skip


@pytest.fixture(scope="module")
def doors(stack):
    """Name → door, of all that the stack listens on for HTTP."""
    port = {
        name: stack.port(name)
        for name in ("GATEWAY", "GATEWAY_METRICS", "FIRESTORE", "STORAGE", "WEB")
    }
    password = basic(stack.password)
    key = {"Authorization": f"Bearer {stack.key}"}
    gateway = port["GATEWAY"], 421, "GATEWAY_ALLOWED_HOSTS"
    found = [
        gate("function", gateway, "/function/datasets/datasets", key),
        gate("async", gateway, "/async-function/datasets/datasets", key),
        gate("broker", gateway, "/broker/default/default", {}),
        gate("system", gateway, "/system/functions", password),
        gate("apis", gateway, SERVICES, password),
        gate("system without the password", gateway, "/system/functions", {}),
        gate("metrics", (port["GATEWAY_METRICS"], *gateway[1:]), "/metrics", {}),
        Door("firestore", port["FIRESTORE"], "/", f"{DOCUMENTS}:commit", 403,
             "FIRESTORE_ALLOWED_HOSTS"),
        Door("firestore's own routes", port["FIRESTORE"], "/", "/emulator/v1:export", 403,
             "FIRESTORE_ALLOWED_HOSTS"),
        Door("storage", port["STORAGE"], "/storage/v1/b",
             "/upload/storage/v1/b/mayfly/o?uploadType=media&name=stolen", 403,
             "STORAGE_ALLOWED_HOSTS"),
        Door("web", port["WEB"], "/healthz", "/datasets", 421, "MAYFLY_WEB_HOSTS"),
    ]  # fmt: skip
    return {door.name: door for door in found}


def gate(name, listener, path, credentials):
    port, refuses, variable = listener
    read = "/healthz" if name in {"async", "broker"} else path
    return Door(name, port, read, path, refuses, variable, credentials)


def test_the_table_names_every_door(doors):
    assert list(doors) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_request_for_another_host_is_refused(doors, name):
    door = doors[name]
    for host in HOSTS:
        named = host.format(port=door.port)
        # By DNS rebinding the page's own name points here: for the browser it is the same origin.
        rebound = {"Host": named, "Origin": f"http://{named}", "Sec-Fetch-Site": "same-origin"}
        for headers in ({"Host": named}, rebound):
            for method, target in (("GET", door.read), ("POST", door.change)):
                reply = door.ask(method, target, headers)
                assert reply.status == door.refuses, (named, method, reply)
                assert door.variable.encode() in reply.body


@pytest.mark.parametrize("name", NAMES)
def test_its_own_hosts_are_answered(doors, name):
    door = doors[name]
    usual = door.ask("GET", door.read).status
    assert usual == (401 if "without" in name else 200)
    for host in OWN_HOSTS:
        assert door.ask("GET", door.read, {"Host": host.format(port=door.port)}).status == usual


@pytest.mark.parametrize("name", NAMES)
def test_a_page_of_another_origin_changes_nothing_and_reads_nothing(doors, name):
    door = doors[name]
    strangers = list(STRANGERS.values())
    if name != "firestore":  # web apps of this machine are what it is for
        strangers.append(NEIGHBOUR)
    for headers in strangers:
        for kind in KINDS:
            reply = door.ask("POST", door.change, {"Content-Type": kind, **headers}, b"{}")
            assert reply.status == 403, (headers, kind, reply)
            assert not reply.header("Access-Control-Allow-Origin")
        reply = door.ask("GET", door.read, headers)
        assert reply.status == 403, (headers, reply)
        preflight = {**headers, "Access-Control-Request-Method": "DELETE"}
        reply = door.ask("OPTIONS", door.change, preflight)
        assert reply.status == 403, (headers, reply)
        assert not reply.header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("name", NAMES)
def test_clients_that_are_no_browsers_are_answered_as_ever(doors, name):
    door = doors[name]
    for kind in ("application/json", *KINDS):  # as curl says of what it sends
        assert door.ask("POST", door.change, {"Content-Type": kind}, b"{}").status != 403


def test_hosts_of_the_plane_lead_to_their_functions(doors):
    gateway = doors["function"]
    for host in (
        "datasets.default.localhost",
        "datasets.default.svc.cluster.local:80",
        "datasets.default.svc",
        "datasets.default",
        "datasets.openfaas-fn",
    ):
        assert gateway.ask("GET", "/datasets", {"Host": host}).status == 200
    for domain in ("localhost", "svc.cluster.local"):
        host = f"broker-ingress.knative-eventing.{domain}"
        event = {"Ce-Id": "1", "Ce-Source": "x", "Ce-Type": "x", "Ce-Specversion": "1.0"}
        assert gateway.ask("POST", "/default/none", {"Host": host, **event}).status == 404


def test_nothing_of_a_stack_listens_beside_its_ports(stack):
    listeners = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{one[9]}]": one[1] for one in listeners if one[3] == "0A"}
    held = {
        sockets[link]
        for part in stack.status().values()
        for link in links(Path(f"/proc/{part['pid']}/fd"))
        if link in sockets
    }
    known = set(map(int, stack.ports.values()))
    ports = {int(address.partition(":")[2], 16) for address in held}
    # gRPC's own listener of Firestore is the one that is on no list; HTTP/1.1 ends there at once.
    assert len(ports - known) <= 1
    assert {address.partition(":")[0] for address in held} == {"0100007F"}


def links(folder):
    """Yield what a process's descriptors are; some are gone before they are looked at."""
    for link in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield str(link.readlink())
