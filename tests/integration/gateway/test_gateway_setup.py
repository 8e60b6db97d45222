"""`./mayfly setup --gateway URL`: a gateway elsewhere gets its secrets, and we a key."""

import base64
import datetime as dt
import ssl
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.kit.contract.access.api_key import digest
from infra.local.cli import mayfly
from tests.integration.gateway.conftest import PASSWORD
from tests.support.processes import wait_until

READER = """
import os, pathlib

def handle(request):
    folder = pathlib.Path(os.environ["OPENFAAS_SECRETS"])
    return {file.name: file.read_text() for file in folder.iterdir()}
"""
NAMES = {"mayfly-step-secret", "mayfly-first-key"}


@pytest.fixture
def url(own_gateway: Any) -> str:
    return f"http://127.0.0.1:{own_gateway.port}"


def setup(*words: str, env: dict[str, str] | None = None, given: str | None = None) -> Result:
    env = {"OPENFAAS_PASSWORD": PASSWORD} if env is None else env
    return CliRunner().invoke(mayfly, ["setup", *words], env=env, input=given)


def names(gateway: Any) -> set[str]:
    return {secret["name"] for secret in gateway.ask("GET", "/system/secrets")[1]}


def held(gateway: Any) -> dict[str, str]:
    """What a function that names the secrets reads."""
    folder = str(gateway.write_function("reader", code=READER))
    spec = {"service": "reader", "image": folder, "secrets": sorted(NAMES)}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    found: dict[str, str] = {}

    def told() -> bool:
        status, answer = gateway.ask("GET", "/function/reader/")
        found.update(answer if status == 200 else {})
        return bool(status == 200)

    wait_until(told)
    return found


def test_secrets_come_before_functions_and_the_key_is_told_once(own_gateway: Any, url: str) -> None:
    first = setup("--gateway", f"{url}/")
    assert first.exit_code == 0, first.output
    key = first.stdout.strip()
    assert key.startswith("mfk_")
    secrets = held(own_gateway)
    assert secrets["mayfly-first-key"] == digest(key)
    assert len(secrets["mayfly-step-secret"]) > 40
    assert key not in str(secrets)

    again = setup("--gateway", url)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr.count("there already (--rotate replaces it)") == 2
    assert held(own_gateway) == secrets


def test_a_rotation_replaces_both_and_the_file(own_gateway: Any, url: str, tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert setup("--gateway", url, "--key-file", str(file)).stdout == ""
    before, secrets = file.read_text(), held(own_gateway)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secrets["mayfly-first-key"] == digest(before.strip())

    rotated = setup("--gateway", url, "--key-file", str(file), "--rotate")
    assert rotated.stderr.count("replaced") == 2
    after = held(own_gateway)
    assert after["mayfly-first-key"] == digest(file.read_text().strip())
    assert file.read_text() != before
    assert after["mayfly-step-secret"] != secrets["mayfly-step-secret"]


def test_what_was_interrupted_goes_on_with_the_key_of_the_file(
    own_gateway: Any, url: str, tmp_path: Path
) -> None:
    step = {"name": "mayfly-step-secret", "value": "s" * 43}
    assert own_gateway.ask("POST", "/system/secrets", step)[0] == 202
    (tmp_path / "key").write_text("mf_mine\n")
    done = setup("--gateway", url, "--key-file", str(tmp_path / "key"))
    assert done.exit_code == 0
    assert held(own_gateway) == {
        "mayfly-step-secret": "s" * 43,
        "mayfly-first-key": digest("mf_mine"),
    }


def test_the_password_comes_from_faas_cli_s_login_or_the_standard_input(
    own_gateway: Any, url: str, tmp_path: Path
) -> None:
    token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    config = tmp_path / ".openfaas"
    config.mkdir()
    (config / "config.yml").write_text(
        f"auths:\n- gateway: http://other\n  auth: basic\n  token: eA==\n"
        f"- gateway: {url}\n  auth: basic\n  token: {token}\n  options: []\n"
    )
    nothing = {"OPENFAAS_PASSWORD": "", "OPENFAAS_CONFIG": "", "CI": ""}
    home = {**nothing, "HOME": str(tmp_path)}
    elsewhere = setup("--gateway", url, env={**nothing, "HOME": str(tmp_path / "none")})
    assert elsewhere.exit_code == 1
    assert "faas-cli login" in elsewhere.output
    assert names(own_gateway) == set()
    assert setup("--gateway", url, env=home).exit_code == 0
    assert names(own_gateway) == NAMES
    assert setup("--gateway", url, "--password-stdin", env=nothing, given=PASSWORD).exit_code == 0


@pytest.mark.parametrize(
    ("address", "given", "said"),
    [
        (None, "wrong", "does not take this password"),
        (None, "", "no password on the standard input"),
        ("http://127.0.0.1:1", "x", "No gateway answers at http://127.0.0.1:1"),
        ("nowhere", "x", "'nowhere' is no address of a gateway"),
        ("http://", "x", "is no address of a gateway"),
        ("ftp://gateway", "x", "is no address of a gateway"),
    ],
)
def test_what_does_not_work_is_one_clear_line(
    own_gateway: Any, url: str, address: str | None, given: str, said: str
) -> None:
    done = setup("--gateway", address or url, "--password-stdin", given=given)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert names(own_gateway) == set()


class Page(BaseHTTPRequestHandler):
    """Another program."""

    def do_GET(self) -> None:
        moved = self.path.startswith("/moved")
        self.send_response(301 if moved else 200)
        if moved:
            self.send_header("Location", "https://gateway.example.org/")
        self.end_headers()
        if not moved:
            self.wfile.write(b"<html>")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def page() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def self_signed(folder: Path) -> tuple[str, str]:
    """Write a certificate that nobody trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway.example")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1).not_valid_before(now)
    made = made.not_valid_after(now + dt.timedelta(days=1))
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, none)
    (folder / "key.pem").write_bytes(private)
    (folder / "cert.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(encoding))
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_another_program_and_another_address_are_told(page: HTTPServer) -> None:
    url = f"http://127.0.0.1:{page.server_port}"
    assert "is no gateway of OpenFaaS: '<html>'" in setup("--gateway", url).output
    moved = setup("--gateway", f"{url}/moved").output
    assert "sends on to https://gateway.example.org/" in moved


def test_a_certificate_that_is_not_trusted_is_told(page: HTTPServer, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    page.socket = context.wrap_socket(page.socket, server_side=True)
    url = f"https://127.0.0.1:{page.server_port}"
    refused = setup("--gateway", url)
    assert refused.exit_code == 1
    assert f"The certificate of {url} is not trusted" in refused.output
    assert "is no gateway of OpenFaaS" in setup("--gateway", url, "--tls-no-verify").output


def test_plain_http_to_another_machine_is_warned_of() -> None:
    done = setup("--gateway", "http://gateway.invalid:8080")
    assert "http://gateway.invalid:8080 is not encrypted" in done.output
    assert "No gateway answers" in done.output


def test_tls_where_none_is_spoken_is_told(url: str) -> None:
    done = setup("--gateway", url.replace("http:", "https:"))
    assert done.exit_code == 1
    assert "speaks no TLS" in done.output
