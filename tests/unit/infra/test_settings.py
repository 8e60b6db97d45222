import re
from pathlib import Path

import pytest

from infra.local import settings
from infra.local.errors import LocalError


def test_defaults_are_those_of_the_house() -> None:
    found = settings.from_env({})

    assert (found.web.number, found.gateway.number, found.gateway_metrics.number) == (
        8000,
        8080,
        8082,
    )
    assert found.grpc.number == 8081
    assert (found.firestore.number, found.storage.number, found.nats.number) == (8200, 9023, 4222)
    assert found.home == settings.ROOT / ".mayfly"


def test_a_variable_moves_a_port_and_the_home(tmp_path: Path) -> None:
    found = settings.from_env({"MAYFLY_WEB_PORT": "9999", "MAYFLY_HOME": str(tmp_path)})

    assert found.web_url == "http://127.0.0.1:9999"
    assert found.key_file == tmp_path / "key"


@pytest.mark.parametrize("value", ["", "x", "0", "65536", "-1", "8080.5", "\u0668"])
def test_a_wrong_port_names_key_value_and_what_is_wanted(value: str) -> None:
    with pytest.raises(LocalError, match=re.escape(f"MAYFLY_NATS_PORT={value!r} is not a port")):
        settings.from_env({"MAYFLY_NATS_PORT": value})


def test_two_parts_cannot_have_one_port() -> None:
    said = "MAYFLY_WEB_PORT and MAYFLY_GATEWAY_PORT are both 9000"
    with pytest.raises(LocalError, match=said):
        settings.from_env({"MAYFLY_WEB_PORT": "9000", "MAYFLY_GATEWAY_PORT": "9000"})
