"""What the commands say to a wrong call: the thing, the place, the remedy."""

from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from infra.local import manifests
from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.gateway import Gateway


def call(tmp_path: Path, *words: str) -> Result:
    return CliRunner().invoke(mayfly, words, env={"MAYFLY_HOME": str(tmp_path)})


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = call(tmp_path, "logs", "gateway")

    assert found.exit_code == 1
    assert f"no log of gateway at {tmp_path}" in found.output


def test_a_negative_number_of_lines_is_refused(tmp_path: Path) -> None:
    assert "x>=0" in call(tmp_path, "logs", "gateway", "-n", "-1").output


def test_a_key_file_is_for_another_system(tmp_path: Path) -> None:
    found = call(tmp_path, "demo", "--key-file", "key")

    assert found.exit_code == 2
    assert "--gateway URL" in found.output


@pytest.mark.parametrize("url", ["nowhere", "http://127.0.0.1:1", "http://["])
def test_a_gateway_that_is_none_is_told_at_once(tmp_path: Path, url: str) -> None:
    (tmp_path / "key").write_text("secret")

    found = call(tmp_path, "demo", "--gateway", url)

    assert found.exit_code == 1
    assert f"No gateway answers at '{url}'" in found.output
    assert "--gateway http" in found.output


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
