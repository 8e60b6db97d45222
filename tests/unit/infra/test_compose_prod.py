"""One machine for others: the file over docker-compose.yml, the door in front, and backups."""

import gzip
import http.client
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.settings import ROOT
from tests.support import tools
from tests.support.processes import free_port, wait_until

COMPOSE = ("docker-compose.yml", "docker-compose.prod.yml")
SITE = {
    "MAYFLY_WEB_HOST": "mayfly.example.com",
    "MAYFLY_API_HOST": "api.mayfly.example.com",
    "MAYFLY_TLS_EMAIL": "you@example.com",
}
CADDYFILE = ROOT / "infra" / "compose" / "Caddyfile"
CADDY = Path(sys.executable).with_name("caddy")
# What a system is: its volumes, less what can be made again or is another's.
MADE_AGAIN = {"observability", "prometheus", "alertmanager", "grafana", "caddy", "caddy-config"}


def config(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = shutil.which("docker-compose")
    if program is None:
        tools.lacking("docker-compose is not installed", required="MAYFLY_REQUIRE_DOCKER")
    words = [word for file in COMPOSE for word in ("-f", file)]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [program, *words, "config"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def merged() -> dict[str, Any]:
    done = config(SITE)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)
    return found


@pytest.mark.parametrize("name", SITE)
def test_what_is_not_said_is_asked_for(name: str) -> None:
    done = config({key: text for key, text in SITE.items() if key != name})
    assert done.returncode != 0
    assert name in done.stderr


def test_everything_that_runs_on_is_bounded_and_comes_back(merged: dict[str, Any]) -> None:
    once = {"secrets", "observability-files", "backup", "restore"}
    watchers = {"prometheus", "alertmanager", "grafana"}
    running = {k: v for k, v in merged["services"].items() if k not in once | watchers}
    assert len(running) > 12
    for name, service in running.items():
        assert service["restart"] == "always", name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert name == "schedule" or service["cpus"], name


def test_caddy_alone_is_reached_from_outside(merged: dict[str, Any]) -> None:
    outside = {
        name: [port for port in map(str, service["ports"]) if not port.startswith("127.0.0.1:")]
        for name, service in merged["services"].items()
        if "ports" in service
    }
    assert {name for name, ports in outside.items() if ports} == {"caddy"}
    assert len(outside["caddy"]) == 3


def test_mails_lead_to_the_pages_names(merged: dict[str, Any]) -> None:
    for name, service in merged["services"].items():
        environment = service.get("environment") or {}
        if "MAYFLY_WEB_URL" in environment:
            assert environment["MAYFLY_WEB_URL"] == "https://mayfly.example.com", name
    web = merged["services"]["web"]["environment"]
    assert (web["MAYFLY_WEB_HOSTS"], web["MAYFLY_WEB_PROXIES"]) == ("web,mayfly.example.com", "1")
    allowed = merged["services"]["gateway"]["environment"]["GATEWAY_ALLOWED_HOSTS"]
    assert allowed == "gateway,api.mayfly.example.com"


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_a_backup_is_all_that_a_system_is(merged: dict[str, Any], name: str) -> None:
    service = merged["services"][name]
    assert service["profiles"] == ["backup"]
    mounted = {entry.split(":")[0]: entry.split(":")[1:] for entry in service["volumes"]}
    assert mounted.keys() == merged["volumes"].keys() - MADE_AGAIN
    for volume, (place, mode) in mounted.items():
        assert place == f"/state/{volume}"
        assert mode == ("ro" if name == "backup" else "rw")


def test_what_is_held_still_is_all_that_changes_something(merged: dict[str, Any]) -> None:
    text = (ROOT / "infra/compose/backup.sh").read_text()
    parts = set(text[text.index("parts=(") + 7 :].partition(")")[0].split())
    idle = {"caddy", "web", "secrets", "backup", "restore", *MADE_AGAIN, "observability-files"}
    assert parts == merged["services"].keys() - idle


def fake_compose(folder: Path, *, fails: bool = False) -> dict[str, str]:
    """Return the environment in which a script meets this docker-compose, which notes its calls."""
    state = folder / "state"
    state.mkdir(exist_ok=True)
    (state / "held").write_text("what is held")
    program = folder / "compose"
    program.write_text(
        f'#!/bin/sh\nshift 4\necho "$1" >> "{folder}/called"\n'
        f'[ "$1" = run ] || exit 0\n{"exit 5" if fails else ""}\n'
        f'case "$*" in *restore) exec tar -C "{folder}/new" -xf - ;; esac\n'
        f'exec tar -C "{state}" -cf - .\n'
    )
    program.chmod(0o755)
    return {"PATH": os.environ["PATH"], "COMPOSE": str(program)}


def run(name: str, *words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = ROOT / "infra" / "compose" / name
    return subprocess.run(
        [str(script), *words], env=env, capture_output=True, text=True, check=False
    )


def test_a_backup_is_taken_while_all_stand_still_and_can_be_restored(tmp_path: Path) -> None:
    env, folder = fake_compose(tmp_path), tmp_path / "backups"
    done = run("backup.sh", str(folder), env=env)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "called").read_text().split() == ["pause", "run", "unpause"]
    [archive] = folder.iterdir()
    assert str(archive) == done.stdout.strip()
    assert archive.stat().st_mode & 0o077 == 0
    with gzip.open(archive) as stream, tarfile.open(fileobj=stream) as found:
        assert "./held" in found.getnames()
    (tmp_path / "new").mkdir()
    assert run("restore.sh", str(archive), env=env).returncode == 0
    assert (tmp_path / "new" / "held").read_text() == "what is held"


def test_a_backup_that_fails_leaves_all_running_and_no_archive(tmp_path: Path) -> None:
    env, folder = fake_compose(tmp_path, fails=True), tmp_path / "backups"
    done = run("backup.sh", str(folder), env=env)
    assert done.returncode == 5
    assert (tmp_path / "called").read_text().split() == ["pause", "run", "unpause"]
    assert list(folder.iterdir()) == []


def test_old_archives_go(tmp_path: Path) -> None:
    env, folder = fake_compose(tmp_path) | {"KEEP": "2"}, tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 5):
        (folder / f"mayfly-2020010{day}T000000Z.tar.gz").touch()
    (folder / "another's").touch()
    done = run("backup.sh", str(folder), env=env)
    names = {file.name for file in folder.iterdir()}
    assert names == {Path(done.stdout.strip()).name, "mayfly-20200104T000000Z.tar.gz", "another's"}


def test_a_broken_archive_is_not_restored(tmp_path: Path) -> None:
    env = fake_compose(tmp_path)
    (tmp_path / "broken.tar.gz").write_bytes(gzip.compress(b"x" * 5000)[:20])
    assert run("restore.sh", str(tmp_path / "broken.tar.gz"), env=env).returncode != 0
    assert not (tmp_path / "called").exists()


class Named(ThreadingHTTPServer):
    """A server that tells its name."""

    name = ""


class Upstream(BaseHTTPRequestHandler):
    """Tells what reached it."""

    def do_GET(self) -> None:
        fields = ("Host", "X-Forwarded-For", "X-Forwarded-Proto")
        assert isinstance(self.server, Named)
        told = " ".join([self.server.name, self.path, *(self.headers[f] or "-" for f in fields)])
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports of Caddy itself, with the file that is deployed, without TLS."""
    servers = {}
    for name in ("web", "gateway"):
        server = servers[name] = Named(("127.0.0.1", 0), Upstream)
        server.name = name
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = free_port(), free_port()
    env = {
        "HOME": str(tmp_path),
        "MAYFLY_TLS_EMAIL": "you@example.com",
        "MAYFLY_WEB_HOST": f"http://localhost:{ports[0]}",
        "MAYFLY_API_HOST": f"http://localhost:{ports[1]}",
        "WEB_UPSTREAM": f"127.0.0.1:{servers['web'].server_port}",
        "GATEWAY_UPSTREAM": f"127.0.0.1:{servers['gateway'].server_port}",
    }
    words = [str(CADDY), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(words, env=env, stderr=log) as caddy:
        try:
            wait_until(lambda: _listens(ports[1]) or caddy.poll() is not None, what="Caddy")
            assert caddy.poll() is None, (tmp_path / "log").read_text()
            yield ports
        finally:
            caddy.terminate()
            for server in servers.values():
                server.shutdown()
                server.server_close()


def _listens(port: int) -> bool:
    try:
        ask(port, "/")
    except OSError:
        return False
    return True


def ask(port: int, path: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    try:
        connection.request("GET", path, headers={"X-Forwarded-For": "203.0.113.9"})
        answer = connection.getresponse()
        kept = answer.getheader("Strict-Transport-Security") or ""
        return answer.status, answer.read().decode(), kept
    finally:
        connection.close()


def test_caddy_passes_pages_and_functions_and_nothing_of_the_gateway_s_own(
    door: tuple[int, int],
) -> None:
    web, api = door
    status, told, kept = ask(web, "/datasets?a=1")
    server, path, host, came_from, scheme = told.split()
    assert (status, server, path) == (200, "web", "/datasets?a=1")
    assert host == f"localhost:{web}"
    assert came_from in {"127.0.0.1", "::1"}, "what a caller says of itself is not believed"
    assert scheme == "http"
    assert kept.startswith("max-age=")
    for path in ("/function/datasets/_/health", "/async-function/training/x"):
        assert ask(api, path)[1].startswith(f"gateway {path} ")
    for path in ("/", "/system/functions", "/function", "/function/../system/functions", "/apis/x"):
        assert ask(api, path)[0] == 404, path
    assert ask(api, "/function/%2e%2e/system/functions")[0] == 404


def test_caddy_takes_the_file_with_tls(tmp_path: Path) -> None:
    words = [str(CADDY), "validate", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    env = {"HOME": str(tmp_path), **SITE}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
