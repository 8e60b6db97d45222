"""The compose stack, built and run for real, and the demo against it."""

import json
import os
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.e2e.browser.stories import without_scripts

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A running stack of its own name, on free ports, removed with its volumes at the end."""
    names = ("MAYFLY_WEB_PORT", "MAYFLY_GATEWAY_PORT", "MAYFLY_GRPC_PORT")
    ports = {name: str(free_port()) for name in names}
    environment = os.environ | ports | {"COMPOSE_PROJECT_NAME": f"mayfly-test-{os.getpid()}"}

    def compose(*arguments, **options):
        return subprocess.run(
            ["docker-compose", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            timeout=900,
            **options,
        )

    try:
        compose("up", "--build", "--detach")
        key = compose("exec", "-T", "web", "cat", "/run/mayfly/key", stdout=subprocess.PIPE).stdout
        key_file = tmp_path_factory.mktemp("compose") / "key"
        key_file.write_bytes(key)
        yield f"http://127.0.0.1:{ports['MAYFLY_GATEWAY_PORT']}", key_file, compose
    finally:
        compose("logs", "--tail", "40", "--no-color")
        compose("down", "--volumes", "--timeout", "5")


def test_the_demo_passes_against_the_compose_stack(stack):
    gateway, key_file, _ = stack
    demo = subprocess.run(
        [ROOT / "mayfly", "demo", "--gateway", gateway, "--key-file", key_file],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    print(demo.stdout)
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_the_pages_lead_the_whole_way(stack, chromium, tmp_path):
    gateway, key_file, compose = stack
    place = compose("port", "web", "8000", stdout=subprocess.PIPE, text=True).stdout.strip()
    made = httpx.post(
        f"{gateway}/function/accounts/sign-in/links",
        headers={"Authorization": f"Bearer {key_file.read_text().strip()}"},
        timeout=60,
    )
    url = f"http://{place}"
    with httpx.Client() as reader:
        reader.get(f"{url}/sign-in/link", params={"token": made.json()["token"]}, timeout=60)
        [kept] = reader.cookies.jar
    seat = {"name": kept.name, "value": kept.value, "url": url}
    without_scripts(chromium, url, seat, tmp_path)


def test_every_container_is_healthy_and_runs_as_nobody(stack):
    _, _, compose = stack
    found = compose("ps", "--quiet", stdout=subprocess.PIPE, text=True).stdout.split()
    running = subprocess.run(
        ["docker", "inspect", "--format", STATE, *found],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    users = {line.split()[-1] for line in running}
    assert users == {"65532:65532"}
    still = [line.split()[2] for line in running if line.split()[1] == "running"]
    assert sorted(still) == [*["healthy"] * 13, "unasked"], running  # the schedule has no door


HEALTH = "{{if .State.Health}}{{.State.Health.Status}}{{else}}unasked{{end}}"
STATE = f"{{{{.Name}}}} {{{{.State.Status}}}} {HEALTH} {{{{.Config.User}}}}"
FUNCTIONS = (
    "accounts",
    "datasets",
    "reports",
    "training",
    "models",
    "monitoring",
    "prediction",
    "prediction-grpc",
)
SERVICES = ("firestore", "storage", "broker", "gateway", *FUNCTIONS, "web")
GIGABYTE = 1 << 30
MEMORY = {
    "accounts": 1 * GIGABYTE,
    "datasets": 2 * GIGABYTE,
    "reports": 4 * GIGABYTE,
    "training": 4 * GIGABYTE,
    "models": 3 * GIGABYTE,
    "monitoring": 1 * GIGABYTE,
    **dict.fromkeys(("prediction", "prediction-grpc"), 2 * GIGABYTE),
}
SECRETS = {
    **{name: ["mayfly-first-key", "mayfly-step-secret"] for name in FUNCTIONS},
    "broker": ["nats-token"],
    "gateway": ["gateway-password", "nats-token"],
    "web": ["key", "web-secret"],
}
LOOK = """
import json, os, socket
from pathlib import Path

def written(path):
    try:
        Path(path).write_text("x")
    except OSError as error:
        return os.strerror(error.errno)
    return "written"

def known(name):
    try:
        socket.getaddrinfo(name, 80)
    except socket.gaierror:
        return False
    return True

def first(*paths):
    return next(Path(path).read_text().strip() for path in paths if Path(path).exists())

status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
print(json.dumps({
    "root": written("/var/tmp/x"),
    "tmp": written("/tmp/x"),
    "capabilities": [int(status[key], 16) for key in ("CapEff", "CapPrm", "CapBnd")],
    "no_new_privileges": status["NoNewPrivs"].strip(),
    "first process": Path("/proc/1/comm").read_text().strip(),
    "memory": int(first("/sys/fs/cgroup/memory.max",
                        "/sys/fs/cgroup/memory/memory.limit_in_bytes")),
    "pids": int(first("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")),
    "secrets": sorted(path.name for folder in ("/run/mayfly", "/run/queue")
                      for path in Path(folder).rglob("*") if path.is_file()),
    "secret": written("/run/mayfly/x"),
    "known": [name for name in %r if known(name)],
}))
"""


def inside(stack, service, code):
    """Run Python in a service's container; return what it printed as JSON."""
    _, _, compose = stack
    command = ("exec", "-T", service, "python", "-c", code)
    return json.loads(compose(*command, stdout=subprocess.PIPE, text=True).stdout)


@pytest.fixture(scope="module")
def seen(stack):
    """What each container sees of itself."""
    return {service: inside(stack, service, LOOK % (SERVICES,)) for service in SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_cannot_change_itself_and_has_no_rights(seen, service):
    found = seen[service]
    assert (found["root"], found["tmp"]) == ("Read-only file system", "written")
    assert found["capabilities"] == [0, 0, 0]
    assert found["no_new_privileges"] == "1"
    assert found["first process"] == "docker-init"


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_bounds(seen, service):
    assert seen[service]["memory"] == MEMORY.get(service, GIGABYTE)
    assert seen[service]["pids"] == 256


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_its_own_secrets_alone_and_cannot_change_them(seen, service):
    assert seen[service]["secrets"] == SECRETS.get(service, [])
    assert seen[service]["secret"] != "written"


@pytest.mark.parametrize("service", SERVICES)
def test_web_knows_the_gateway_alone_and_only_the_gateway_knows_web(seen, service):
    back = set(SERVICES) - {"web"}
    known = {"web": {"web", "gateway"}, "gateway": set(SERVICES)}.get(service, back)
    assert set(seen[service]["known"]) == known


def test_web_does_not_reach_what_is_behind_the_gateway_by_address_either(stack):
    target = "import json, socket; print(json.dumps(socket.gethostbyname('{}')))"
    code = """
import json, socket
try:
    socket.create_connection((%r, %d), timeout=3).close()
    print(json.dumps("reached"))
except OSError as error:
    print(json.dumps(type(error).__name__))
"""
    for service, port in (("firestore", 8200), ("storage", 9023), ("models", 8080)):
        address = inside(stack, "datasets", target.format(service))
        assert inside(stack, "datasets", code % (address, port)) == "reached"
        assert inside(stack, "web", code % (address, port)) != "reached"


def test_every_container_is_guarded_and_its_log_stays_small(stack):
    _, _, compose = stack
    found = compose("ps", "--quiet", stdout=subprocess.PIPE, text=True).stdout.split()
    inspected = subprocess.run(
        ["docker", "inspect", *found], capture_output=True, text=True, check=True
    ).stdout
    hosts = [container["HostConfig"] for container in json.loads(inspected)]
    assert len(hosts) == 15
    for host in hosts:
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"]
        assert host["LogConfig"] == {
            "Type": "json-file",
            "Config": {"max-file": "3", "max-size": "10m"},
        }
