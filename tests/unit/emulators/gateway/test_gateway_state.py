from pathlib import Path

import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.revision import Deployment, EnvSource, Revision
from emulators.gateway.service.configuration.environment import Environment
from emulators.gateway.service.configuration.secrets import SecretStore
from emulators.gateway.service.deployments.store import DeploymentStore, lock_folder
from emulators.gateway.service.logs import LogFile, LogPipe
from emulators.gateway.service.runtime import StartError
from emulators.gateway.settings import from_arguments
from emulators.gateway.specs.durations import moment


def deployment(name: str) -> Deployment:
    revision = Revision(name, "openfaas-fn", 1, "mayfly/x", env={"A": "1"})
    return Deployment(name, "openfaas-fn", "knative", {"a": [1]}, 1, [revision], 2.0)


def test_deployments_come_back(tmp_path: Path) -> None:
    store = DeploymentStore(tmp_path)
    store.save(deployment("a"))
    store.save(deployment("b"))
    store.remove("openfaas-fn", "a")
    assert DeploymentStore(tmp_path).load() == [deployment("b")]


@pytest.mark.parametrize("content", [b"{", b'{"name": "\xff"}'])
def test_a_broken_file_does_not_hide_the_others(tmp_path: Path, content: bytes) -> None:
    store = DeploymentStore(tmp_path)
    store.save(deployment("b"))
    broken = tmp_path / "openfaas-fn" / "a.json"
    broken.write_bytes(content)
    assert store.load() == [deployment("b")]
    assert broken.exists()


def test_a_folder_has_one_gateway(tmp_path: Path) -> None:
    with lock_folder(tmp_path, 0.0), pytest.raises(SystemExit, match=str(tmp_path)):
        lock_folder(tmp_path, 0.0)
    lock_folder(tmp_path, 0.0).close()


def test_environment_is_resolved_in_order(tmp_path: Path) -> None:
    for kind, key, value in (
        ("configmaps", "A", "map"),
        ("configmaps", "B", "map"),
        ("secrets@n", "S", "x"),
    ):
        (tmp_path / kind / "mayfly").mkdir(parents=True, exist_ok=True)
        (tmp_path / kind / "mayfly" / key).write_text(value)
    sources = (EnvSource("configmap", "mayfly"), EnvSource("secret", "mayfly", "S", "TOKEN"))
    revision = Revision("f", "n", 3, "i", env={"B": "own"}, env_sources=sources)
    env = Environment(tmp_path, {"PATH": "/bin", "AWS_SECRET": "no"}).of(revision)
    assert env == {
        "PATH": "/bin",
        "A": "map",
        "B": "own",
        "TOKEN": "x",
        "PORT": "8080",
        "K_SERVICE": "f",
        "K_CONFIGURATION": "f",
        "K_REVISION": "f-00003",
    }


def test_a_value_refers_to_what_was_declared_before_it(tmp_path: Path) -> None:
    (tmp_path / "secrets@n" / "keys").mkdir(parents=True)
    (tmp_path / "secrets@n" / "keys" / "S").write_text("s3cret $(A)")
    sources = (
        EnvSource("secret", "keys", prefix="ALL_"),
        EnvSource("secret", "keys", "S", "TOKEN"),
        EnvSource("secret", "keys", "none", "NEVER", optional=True),
    )
    env = {
        "EARLY": "$(TOKEN)",
        "A": "a",
        "URL": "http://$(A):$(TOKEN)@$(ALL_S)$(NEVER)",
        "LITERAL": "$$(A) $(LATER) $(PORT)",
        "LATER": "1",
    }
    order = ("EARLY", "NEVER", "TOKEN", *list(env)[1:])
    revision = Revision("f", "n", 1, "i", env=env, env_order=order, env_sources=sources)
    found = Environment(tmp_path, {"A": "the gateway's"}).of(revision)
    assert found["EARLY"] == "$(TOKEN)"
    assert found["URL"] == "http://a:s3cret $(A)@s3cret $(A)$(NEVER)"
    # PORT and K_... are appended by the platform: no value can refer to them.
    assert found["LITERAL"] == "$(A) $(LATER) $(PORT)"


@pytest.mark.parametrize(
    "source", [EnvSource("configmap", "none"), EnvSource("secret", "mayfly", "K", "V")]
)
def test_what_is_missing_is_named_unless_optional(tmp_path: Path, source: EnvSource) -> None:
    revision = Revision("f", "n", 1, "i", env_sources=(source,))
    with pytest.raises(StartError, match=source.name):
        Environment(tmp_path, {}).of(revision)


def test_logs_keep_lines_and_rotate(tmp_path: Path) -> None:
    path = tmp_path / "f.log"
    file = LogFile(path, limit=200)
    pipe = LogPipe(file, "f-1")
    pipe.data_received(b"one\ntw")
    pipe.data_received(b"o\n")
    pipe.data_received(b"x" * 150 + b"\nlast")
    pipe.connection_lost(None)
    file.close()
    old = (tmp_path / "f.log.1").read_text().splitlines()
    assert [line.split(" ", 2)[1:] for line in old] == [
        ["f-1", "one"],
        ["f-1", "two"],
        ["f-1", "x" * 150],
    ]
    assert path.read_text().endswith(" f-1 last\n")


def test_settings_name_what_is_wrong(tmp_path: Path) -> None:
    data = ["--data", str(tmp_path)]
    with pytest.raises(SystemExit, match="MAYFLY_GATEWAY_PORT='x'"):
        from_arguments(data, {"MAYFLY_GATEWAY_PORT": "x"})
    with pytest.raises(SystemExit, match="MAYFLY_STATIC_FUNCTIONS"):
        from_arguments(data, {"MAYFLY_STATIC_FUNCTIONS": "a=b"})
    with pytest.raises(SystemExit, match="GATEWAY_PASSWORD_FILE"):
        from_arguments(data, {"GATEWAY_PASSWORD_FILE": str(tmp_path / "none")})


def test_without_a_password_one_is_made_and_kept(tmp_path: Path) -> None:
    first = from_arguments(["--data", str(tmp_path)], {})
    assert len(first.password) > 20
    assert from_arguments(["--data", str(tmp_path)], {}).password == first.password
    assert (tmp_path / "basic-auth-password").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00.000Z"),
        ("2026-01-01T00:00:00.123456+00:00", "2026-01-01T00:00:00.123Z"),
    ],
)
def test_a_moment_of_a_log_reads_like_its_lines(text: str, wanted: str) -> None:
    assert moment(text, "since") == wanted


def test_what_is_no_moment_is_refused() -> None:
    for text in (
        "yesterday",
        "last-week",
        "2026-01-01T00:00:00",
        "9" * 20,
        "0001-01-01T00:00:00+23:00",
    ):
        with pytest.raises(GatewayError, match="since"):
            moment(text, "since")
    assert moment("1h", "since") < moment("1s", "since")


def test_a_name_may_end_like_a_file_that_is_being_written(tmp_path: Path) -> None:
    secrets = SecretStore(tmp_path)
    for name in ("tls.new", "tls"):
        secrets.create("openfaas-fn", name, name.encode())
    assert secrets.names("openfaas-fn") == ["tls", "tls.new"]
    assert (tmp_path / "openfaas-secrets" / "openfaas-fn" / "tls.new").read_bytes() == b"tls.new"


def test_what_a_crash_left_half_written_is_not_there(tmp_path: Path) -> None:
    secrets = SecretStore(tmp_path)
    secrets.create("openfaas-fn", "a", b"1")
    (tmp_path / "openfaas-secrets" / "openfaas-fn" / "~new").write_bytes(b"ha")
    assert secrets.names("openfaas-fn") == ["a"]
    folder = tmp_path / "configmaps" / "m"
    folder.mkdir(parents=True)
    (folder / "A").write_text("1")
    (folder / "~new").write_text("ha")
    revision = Revision("f", "n", 1, "i", env_sources=(EnvSource("configmap", "m", prefix="M_"),))
    env = Environment(tmp_path, {}).of(revision)
    assert [name for name in env if name.startswith("M_")] == ["M_A"]
