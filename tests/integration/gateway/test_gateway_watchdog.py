"""OpenFaaS's classic functions, as openfaas/certifier deploys and calls them."""

import hashlib
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import alive, wait_until

ALPINE = "functions/alpine:latest"


def deploy(gateway: Any, name: str, process: str = "", image: str = ALPINE, **fields: Any) -> None:
    spec = {"service": name, "image": image, "envProcess": process, **fields}
    status, answer = gateway.ask("PUT", "/system/functions", spec)
    if status == 404:
        status, answer = gateway.ask("POST", "/system/functions", spec)
    assert status == 202, answer


def invoke(gateway: Any, name: str, body: bytes = b"", method: str = "POST") -> tuple[int, bytes]:
    status, _, answer = gateway.call(method, f"/function/{name}", body)
    return status, answer


def lines(gateway: Any, name: str, tail: int) -> list[str]:
    _, answer = gateway.ask("GET", f"/system/logs?name={name}&tail={tail}")
    parts = [answer] if isinstance(answer, dict) else map(json.loads, answer.splitlines())
    return [part["text"] for part in parts]


def test_the_canonical_function(gateway: Any) -> None:
    deploy(gateway, "stronghash", "sha512sum", "registry.example/openfaas/alpine:latest")
    expected = f"{hashlib.sha512(b'abc').hexdigest()}  -\n".encode()
    assert invoke(gateway, "stronghash", b"abc") == (200, expected)
    _, shown = gateway.ask("GET", "/system/function/stronghash")
    assert (shown["envProcess"], shown["image"]) == (
        "sha512sum",
        "registry.example/openfaas/alpine:latest",
    )
    wait_until(
        lambda: (
            [text[:14] for text in lines(gateway, "stronghash", 2)]
            == ["Forking fproce", "Wrote 132 Byte"]
        ),
        what="the lines in the log",
    )


def test_the_request_is_in_the_environment(gateway: Any) -> None:
    deploy(gateway, "env-test", "env", envVars={"custom_env": "custom_env_value"})
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        _, _, body = gateway.call(method, "/function/env-test/a%20b?testing=1", b"xyz")
        seen = dict(line.split("=", 1) for line in body.decode().splitlines())
        assert seen["custom_env"] == "custom_env_value"
        assert (seen["Http_Method"], seen["Http_Query"]) == (method, "testing=1")
        # OpenFaaS's gateway takes the length away.
        assert (seen["Http_Path"], seen["Http_Content_Length"]) == ("/a b", "-1")
        assert seen["Http_X_Call_Id"]


def test_a_path_that_no_variable_can_have_is_refused(gateway: Any) -> None:
    deploy(gateway, "no-nul", "env")
    assert gateway.call("GET", "/function/no-nul/a%00b")[0] == 400


def test_a_chunked_body_has_no_length(gateway: Any) -> None:
    deploy(gateway, "chunky", "sh -c 'cat; echo $Http_ContentLength'")
    connection = gateway.connection()
    connection.request("POST", "/function/chunky", iter([b"one ", b"two "]), encode_chunked=True)
    assert connection.getresponse().read() == b"one two -1\n"
    connection.close()


def test_a_secret_is_read_where_the_original_has_it(gateway: Any) -> None:
    secret = {"name": "secret-name", "value": "this-is-the-secret-value"}
    assert gateway.ask("POST", "/system/secrets", secret)[0] == 202
    deploy(gateway, "secret-cat", "cat /var/openfaas/secrets/secret-name", secrets=["secret-name"])
    assert invoke(gateway, "secret-cat") == (200, b"this-is-the-secret-value")
    gateway.ask("PUT", "/system/secrets", {**secret, "value": "edited"})
    assert invoke(gateway, "secret-cat") == (200, b"edited")


def test_it_is_scaled_from_zero_and_to_many(gateway: Any) -> None:
    deploy(gateway, "scaled", "cat", labels={"com.openfaas.scale.min": "2"})
    wait_until(lambda: gateway.replicas("scaled") == 2)
    gateway.scale("scaled", 0)
    assert invoke(gateway, "scaled", b"awake") == (200, b"awake")


def test_the_process_may_be_a_variable_also_of_a_knative_service(gateway: Any) -> None:
    deploy(gateway, "by-variable", envVars={"fprocess": "wc -c"})
    assert invoke(gateway, "by-variable", b"four") == (200, b"4\n")
    env = [{"name": "fprocess", "value": "wc -c"}]
    gateway.deploy("by-service", image=ALPINE, container={"env": env})
    assert invoke(gateway, "by-service", b"seven77") == (200, b"7\n")


def test_a_folder_of_scripts_is_the_working_folder(gateway: Any) -> None:
    folder = gateway.folder / "scripts"
    folder.mkdir()
    (folder / "shout.py").write_text("import sys; print(sys.stdin.read().upper(), end='')")
    deploy(gateway, "shouting", "python3 shout.py", str(folder))
    assert invoke(gateway, "shouting", b"hello") == (200, b"HELLO")
    (folder / "shout.py").write_text("print('edited')")
    gateway.scale("shouting", 0)
    assert invoke(gateway, "shouting", b"hello") == (200, b"HELLO")
    deploy(gateway, "shouting", "python3 shout.py", str(folder))
    wait_until(lambda: invoke(gateway, "shouting") == (200, b"edited\n"))


def test_without_a_folder_it_has_an_empty_one_of_its_own(gateway: Any) -> None:
    deploy(gateway, "fresh", "sh -c 'ls; pwd; touch left'")
    first = Path(invoke(gateway, "fresh")[1].decode().strip())
    assert first.parent == gateway.data / "work"
    assert invoke(gateway, "fresh")[1].decode() == f"left\n{first}\n"
    gateway.scale("fresh", 0)
    wait_until(lambda: not first.exists(), what="the end of its folder")
    assert "left" not in invoke(gateway, "fresh")[1].decode()


def test_a_failure_is_500_and_a_timeout_408(gateway: Any) -> None:
    deploy(gateway, "failing", "sh -c 'echo oh; exit 2'")
    assert invoke(gateway, "failing") == (500, b"exit status 2\noh\n")
    deploy(gateway, "slow-command", "sleep 60", envVars={"exec_timeout": "500ms"})
    assert invoke(gateway, "slow-command") == (408, b"Killed process.\n")


def test_a_command_that_does_not_exist_is_named(gateway: Any) -> None:
    deploy(gateway, "absent", "no-such-command -x")
    wait_until(lambda: gateway.ready("absent") == "False", what="the failure")
    status, answer = invoke(gateway, "absent")
    assert status == 503
    assert b"there is no command 'no-such-command' on PATH" in answer


@pytest.mark.parametrize("process", ["python index.py", "no-such-command"])
def test_a_function_folder_goes_on_being_one(gateway: Any, process: str) -> None:
    """Templates of faas-cli say in envProcess how their containers start."""
    folder = gateway.write_function("templated")
    deploy(gateway, "templated", process, str(folder), envVars={"write_timeout": "10s"})
    assert invoke(gateway, "templated") == (200, b"version 1 /")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"image": ALPINE}, "functions/alpine"),
        ({"image": "mayfly/none", "envProcess": "cat"}, "mayfly/none"),
        ({"image": "/no/such", "envProcess": "cat"}, "/no/such"),
        ({"image": ALPINE, "envProcess": "echo 'half"}, "envProcess"),
        ({"image": ALPINE, "envProcess": "cat", "envVars": {"exec_timeout": "x"}}, "exec_timeout"),
    ],
)
def test_what_cannot_run_here_is_refused(gateway: Any, fields: Any, named: str) -> None:
    status, answer = gateway.ask("POST", "/system/functions", {"service": "refused", **fields})
    assert status == 400
    assert named in answer["detail"]
    assert answer["remedy"]


def sleeping(gateway: Any, folder: Path) -> list[int]:
    """Calls a function that runs for long; the pids of what it runs."""
    pids = folder / "pids"
    deploy(gateway, "sleeping", f"sh -c 'sleep 600 & echo $$ $! > {pids}; wait'")

    def ask() -> None:
        try:
            invoke(gateway, "sleeping")
        except OSError:
            return  # the gateway is killed meanwhile

    threading.Thread(target=ask).start()
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    return [int(pid) for pid in pids.read_text().split()]


def test_no_command_outlives_a_killed_gateway(own_gateway: Any, tmp_path: Path) -> None:
    pids = sleeping(own_gateway, tmp_path)
    own_gateway.signal(signal.SIGKILL)
    wait_until(lambda: not any(map(alive, pids)), what="the end of the command")


def test_no_command_outlives_its_replica(own_gateway: Any, tmp_path: Path) -> None:
    own_gateway.env["GATEWAY_STOP_GRACE"] = "1"
    own_gateway.signal(signal.SIGTERM)
    own_gateway.start()
    pids = sleeping(own_gateway, tmp_path)
    assert own_gateway.signal(signal.SIGTERM) == 0
    wait_until(lambda: not any(map(alive, pids)), what="the end of the command")


def test_signals_are_as_from_a_shell(gateway: Any) -> None:
    code = "import signal; print(*map(signal.getsignal, (2, 15)), signal.pthread_sigmask(0, []))"
    deploy(gateway, "signals", f'python3 -c "{code}"')
    _, answer = invoke(gateway, "signals")
    assert answer == b"<built-in function default_int_handler> 0 set()\n"


def test_many_calls_at_once_keep_their_bodies_apart(gateway: Any) -> None:
    deploy(gateway, "echoing", "cat")
    invoke(gateway, "echoing")
    wrong: list[bytes] = []

    def ask(number: int) -> None:
        body = os.urandom(50_000) + str(number).encode()
        wrong.extend(body for _ in range(5) if invoke(gateway, "echoing", body) != (200, body))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert time.monotonic() - began < 60
