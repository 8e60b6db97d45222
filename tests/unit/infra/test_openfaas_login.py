"""What `faas-cli login` leaves is found where `faas-cli` itself looks for it."""

import base64
from pathlib import Path

import pytest

from infra.local.deploying.openfaas_login import authorization, config_file
from infra.local.errors import LocalError

URL = "https://gateway.example.org"
TOKEN = base64.b64encode(b"admin:secret").decode()


def login(folder: Path, text: str) -> dict[str, str]:
    (folder / "config.yml").write_text(text)
    return {"OPENFAAS_CONFIG": str(folder)}


def test_a_login_is_found_whatever_the_address_is_written_like(tmp_path: Path) -> None:
    env = login(tmp_path, f"auths:\n- {{gateway: {URL}, auth: basic, token: {TOKEN}}}\n")
    for url in (URL, f"{URL}/", "https://Gateway.Example.org"):
        assert authorization(url, "other", env) == f"Basic {TOKEN}"
    with pytest.raises(LocalError, match=r"No login for http://gateway\.example\.org"):
        authorization("http://gateway.example.org", "admin", env)


def test_a_variable_s_password_comes_first(tmp_path: Path) -> None:
    env = login(tmp_path, f"auths:\n- {{gateway: {URL}, auth: basic, token: eA==}}\n")
    env["OPENFAAS_PASSWORD"] = "secret"
    assert authorization(URL, "admin", env) == f"Basic {TOKEN}"


def test_a_login_by_token_is_one(tmp_path: Path) -> None:
    env = login(tmp_path, f"auths:\n- {{gateway: {URL}, auth: oauth2, token: t.o.k}}\n")
    assert authorization(URL, "admin", env) == "Bearer t.o.k"


@pytest.mark.parametrize(
    "text", ["auths: x\n", "auths: [\n", f"auths:\n- {{gateway: {URL}, auth: basic, token: '!'}}\n"]
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(LocalError, match=r"config\.yml"):
        authorization(URL, "admin", login(tmp_path, text))


@pytest.mark.parametrize(
    ("env", "file"),
    [
        ({"HOME": "/h"}, "/h/.openfaas/config.yml"),
        ({"HOME": "/h", "CI": "true"}, ".openfaas/config.yml"),
        ({"HOME": "/h", "CI": "1", "OPENFAAS_CONFIG": "/c"}, "/c/config.yml"),
        ({"HOME": "/h", "OPENFAAS_CONFIG": "~/c"}, "/h/c/config.yml"),
    ],
)
def test_where_it_is_looked_for(env: dict[str, str], file: str) -> None:
    assert config_file(env) == Path(file)
