import pytest

from functions.kit.adapters.config import (
    ConfigError,
    Settings,
    optional_digest,
    secret,
    setting,
)


def test_a_wrong_value_names_key_value_and_type():
    with pytest.raises(ConfigError, match="PORT='x' is not a int"):
        setting({"PORT": "x"}, "PORT", int)
    with pytest.raises(ConfigError, match="PORT is not set"):
        setting({}, "PORT", int)


def test_defaults():
    assert Settings.from_env({"MAYFLY_STEP_SECRET": "s"}).bucket == "mayfly"


def test_a_secret_may_be_a_file(tmp_path):
    (tmp_path / "key").write_text("s\n")
    assert secret({"MAYFLY_SECRETS_DIR": str(tmp_path)}, "KEY", "key") == "s"
    assert secret({"OPENFAAS_SECRETS": str(tmp_path)}, "KEY", "key") == "s"
    with pytest.raises(ConfigError, match="no secret file"):
        secret({"MAYFLY_SECRETS_DIR": str(tmp_path)}, "KEY", "nope")


@pytest.mark.parametrize(
    ("named", "folder"),
    [
        ({"OPENFAAS_SECRETS": "/given"}, "/given"),
        ({"OPENFAAS_SECRETS": "/given", "MAYFLY_SECRETS_DIR": "/own"}, "/own"),
        ({"OPENFAAS_SECRETS": "", "MAYFLY_SECRETS_DIR": ""}, "/var/openfaas/secrets"),
        ({}, "/var/openfaas/secrets"),
    ],
)
def test_the_folder_of_secrets_is_the_one_that_is_named(named, folder):
    with pytest.raises(ConfigError, match=f"no secret file {folder}/nowhere\\."):
        secret(named, "KEY", "nowhere")


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_secret_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match="KEY is empty"):
        secret({"KEY": text}, "KEY", "key")
    (tmp_path / "key").write_text(text)
    with pytest.raises(ConfigError, match=f"{tmp_path / 'key'} is empty"):
        secret({"MAYFLY_SECRETS_DIR": str(tmp_path)}, "KEY", "key")


def test_the_first_key_is_known_by_its_digest_or_not_at_all(tmp_path):
    env = {"MAYFLY_STEP_SECRET": "s", "MAYFLY_SECRETS_DIR": str(tmp_path)}
    assert Settings.from_env(env).first_key == ""
    (tmp_path / "mayfly-first-key").write_text("ab" * 32 + "\n")
    assert Settings.from_env(env).first_key == "ab" * 32
    assert Settings.from_env({**env, "MAYFLY_FIRST_KEY": "cd" * 32}).first_key == "cd" * 32


@pytest.mark.parametrize("text", ["mf_the-key-itself", "AB" * 32, "ab" * 31, " "])
def test_what_is_no_digest_is_refused(text):
    with pytest.raises(ConfigError, match="KEY"):
        optional_digest({"KEY": text}, "KEY", "key")


def test_the_queue_is_one_that_there_is():
    given = {"MAYFLY_STEP_SECRET": "s"}
    assert Settings.from_env(given).queue == "openfaas"
    broker = Settings.from_env(given | {"MAYFLY_QUEUE": "broker", "MAYFLY_GATEWAY_URL": "http://g"})
    assert (broker.queue, broker.broker_url) == ("broker", "http://g/broker/default/default")
    with pytest.raises(ConfigError, match="MAYFLY_QUEUE='nats' is no queue of ours: openfaas,"):
        Settings.from_env(given | {"MAYFLY_QUEUE": "nats"})
