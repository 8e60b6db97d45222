"""What the commands say to a wrong call: the thing, the place, the remedy."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from infra.local.cli import mayfly
from infra.local.deploying import manifests
from infra.local.deploying.gateway import Gateway
from infra.local.errors import LocalError
from tests.support.outward import serving
from tests.support.pages.starting import PLATFORM_S, Said, platform

KNATIVE = "http://{name}.{namespace}.example{path}"


def call(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(mayfly, words, env={"MAYFLY_HOME": str(tmp_path)})


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = call(tmp_path, "logs", "gateway")

    assert found.exit_code == 1
    assert f"no log of gateway at {tmp_path}" in found.output


@pytest.mark.parametrize("words", [("logs", "prediction"), ("deploy",)])
def test_where_nothing_was_ever_started_a_command_says_how_to(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    found = call(tmp_path / "nobody", *words)

    assert found.exit_code == 1
    assert f"no Mayfly at {tmp_path / 'nobody'}. Start it: ./mayfly up" in found.output
    assert not (tmp_path / "nobody").exists()


def test_a_negative_number_of_lines_is_refused(tmp_path: Path) -> None:
    assert "x>=0" in call(tmp_path, "logs", "gateway", "-n", "-1").output


def test_only_jobs_and_datasets_are_resumed(tmp_path: Path) -> None:
    found = call(tmp_path, "resume", "model", "titanic")

    assert found.exit_code == 2
    assert "'model' is not one of 'job', 'dataset'" in found.output


class Resumed(BaseHTTPRequestHandler):
    """A gateway that takes everything, and says what it was asked."""

    def do_POST(self) -> None:
        told = f"{self.path} {self.headers['Authorization']}"
        self.send_response(202)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("job", "0b1c", "/function/training/jobs/0b1c/resume"),
        ("dataset", "titanic", "/function/datasets/datasets/titanic/resume"),
        ("dataset", "a/../b", "/function/datasets/datasets/a%2F..%2Fb/resume"),
    ],
)
def test_resume_asks_the_function_that_has_it(
    tmp_path: Path, kind: str, name: str, path: str
) -> None:
    (tmp_path / "key").write_text("secret")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Resumed)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = {"MAYFLY_HOME": str(tmp_path), "MAYFLY_GATEWAY_PORT": str(server.server_port)}

    found = CliRunner().invoke(mayfly, ["resume", kind, name], env=env)

    server.shutdown()
    server.server_close()
    assert (found.exit_code, found.stdout) == (0, f"{path} Bearer secret\n")


def test_a_key_file_is_for_another_system(tmp_path: Path) -> None:
    found = call(tmp_path, "demo", "--key-file", "key")

    assert found.exit_code == 2
    assert "--gateway URL" in found.output


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--gateway", "nowhere", "MAYFLY_GATEWAY_URL='nowhere' is no URL; give the gateway's"),
        ("--gateway", "http://[", "MAYFLY_GATEWAY_URL='http://[' is no URL; give the gateway's"),
        ("--gateway", "http://127.0.0.1:1", "No function answers at 'http://127.0.0.1:1/function/"),
        ("--function-url", "http://x", "MAYFLY_FUNCTION_URL='http://x' does not say where {name}"),
        ("--function-url", "http://127.0.0.1:1/{name}{path}", "No function answers at 'http://127"),
        ("--ingress", "here", "MAYFLY_INGRESS='here' is no host:port"),
    ],
)
def test_a_system_that_is_none_is_told_at_once(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    (tmp_path / "key").write_text("secret")

    found = call(tmp_path, "demo", option, value)

    assert found.exit_code == 1
    assert said in found.output


@pytest.mark.parametrize(
    ("words", "env", "path", "host"),
    [
        (
            ["--function-url", "http://{name}.{namespace}.example{path}"],
            {},
            "/x",
            "a.default.example",
        ),
        (
            ["--namespace", "n"],
            {"FUNCTION_URL": "http://{name}.{namespace}.e{path}"},
            "/x",
            "a.n.e",
        ),
        (["--gateway", "http://gateway.example/"], {}, "/function/a/x", "gateway.example"),
        ([], {"GATEWAY_URL": "http://gateway.example"}, "/function/a/x", "gateway.example"),
    ],
)
def test_another_system_is_called_by_options_or_variables(
    tmp_path: Path, words: list[str], env: dict[str, str], path: str, host: str
) -> None:
    (tmp_path / "key").write_text("secret")
    with serving() as server:
        variables = {f"MAYFLY_{name}": text for name, text in env.items()}
        words = ["invoke", "a", "/x", "-d", "{}", "--ingress", f"127.0.0.1:{server.port}", *words]
        home = {"MAYFLY_HOME": str(tmp_path), **variables}
        found = CliRunner().invoke(mayfly, words, env=home)

    assert (found.exit_code, found.output) == (0, "ok\n")
    [(asked, fields, body)] = server.received
    assert (asked, fields["host"], body) == (path, host, b"{}")
    assert fields["authorization"] == "Bearer secret"


def test_a_system_without_openfaas_has_no_asynchronous_calls(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret")

    found = call(tmp_path, "invoke", "a", "--async", "--function-url", "http://{name}.e{path}")

    assert found.exit_code == 1
    assert "this system has no such gateway" in found.output


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret")

    assert "'a/b' is no name of a function" in call(tmp_path, "invoke", "a/b").output


def test_the_gateway_s_refusal_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = {"detail": "'we ird' is not a valid name", "remedy": "use letters"}
    transport = httpx.MockTransport(lambda _: httpx.Response(400, json=problem))
    whole = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: whole(transport=transport, **options))

    with (
        Gateway("http://gateway", "secret") as gateway,
        pytest.raises(LocalError, match="400 'we ird' is not a valid name; use letters"),
    ):
        gateway.deploy(manifests.of_folder(Path("we ird")))


@pytest.mark.parametrize("body", ["<html>Welcome</html>", '"ready"'])
def test_another_program_on_the_gateway_s_port_is_told(
    monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    whole = httpx.Client
    monkeypatch.setattr(httpx, "Client", lambda **options: whole(transport=transport, **options))

    with Gateway("http://gateway", "secret") as gateway:
        for ask in (
            gateway.functions,
            gateway.services,
            lambda: gateway.deploy(manifests.of_folder(Path("hello"))),
        ):
            with pytest.raises(LocalError, match="What answers at http://gateway is no gateway"):
                ask()


@pytest.mark.parametrize(("words", "calls"), [([], 3), (["-d", "{}"], 1)])
def test_a_call_goes_on_while_its_function_starts_where_it_may_be_repeated(
    tmp_path: Path, words: list[str], calls: int
) -> None:
    (tmp_path / "key").write_text("secret")
    said, _ = PLATFORM_S["openfaas, unreachable"]
    with platform(said, said, Said(200, b"ok")) as found:
        done = call(tmp_path, "invoke", "a", "/x", "--gateway", found.url, *words)

    assert len(found.received) == calls
    assert done.exit_code == (0 if calls == 3 else 1)
