"""The secrets of a namespace: made where they are missing, kept where they are there."""

from typing import Any

import pytest
import yaml

from functions.kit.contract.access.api_key import digest, new_key
from infra.local.deploying import secret_templates
from infra.local.errors import LocalError


def held_after(text: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one["stringData"] for one in yaml.safe_load_all(text)}


def test_each_secret_is_made_and_none_is_another_s() -> None:
    key = new_key()
    made = held_after(secret_templates.filled({}, key, "space"))
    assert list(made) == secret_templates.names()
    assert made["mayfly"]["MAYFLY_FIRST_KEY"] == digest(key)
    assert made["mayfly-web"]["key"] == key
    values = [value for one in made.values() for value in one.values()]
    assert len(values) == len(set(values)) == 6
    assert not any("$" in value for value in values)


def test_what_is_held_stays_and_the_rest_is_added() -> None:
    key = new_key()
    before = held_after(secret_templates.filled({}, key, "space"))
    del before["mayfly-queue"], before["mayfly-web"]["web-secret"]
    assert not secret_templates.complete(before)
    after = held_after(secret_templates.filled(before, key, "space"))
    assert secret_templates.complete(after)
    for name, values in before.items():
        assert after[name].items() >= values.items()


def test_another_key_than_the_cluster_s_is_refused() -> None:
    before = held_after(secret_templates.filled({}, new_key(), "space"))
    del before["mayfly-web"]
    with pytest.raises(LocalError, match=r"another first key .*--rotate"):
        secret_templates.filled(before, new_key(), "space")


def test_a_marker_that_means_nothing_is_named(tmp_path) -> None:
    file = tmp_path / "secrets.yaml"
    file.write_text("{kind: Secret, metadata: {name: a}, stringData: {b: '${no}'}}")
    with pytest.raises(LocalError, match=r"'\$\{no\}' in a template"):
        secret_templates.filled({}, new_key(), "space", file)
