"""Command lines: their words, what they mean here, and how a run of one ends."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.model.revision import Revision
from emulators.gateway.runtimes.forking.messages import Start
from emulators.gateway.runtimes.programs.commands import CommandError, environment_of, resolved
from emulators.gateway.runtimes.programs.ports import Ports
from emulators.gateway.runtimes.programs.program import ending
from emulators.gateway.runtimes.programs.runner import Runner
from emulators.gateway.runtimes.programs.watchdog import (
    Watchdog,
    load,
    marshalled,
    request_variables,
)
from emulators.gateway.specs.commands import expanded, split
from emulators.gateway.specs.images import Source, source_for
from emulators.gateway.specs.watchdog import WatchdogSettings, fprocess_from, settings_from
from tests.support import tools
from tests.support.processes import wait_until

SHELL = {"PATH": os.environ["PATH"]}


def test_words_are_split_as_a_shell_does() -> None:
    assert split("""grep -c 'two words' "$x" """, "envProcess") == ("grep", "-c", "two words", "$x")
    with pytest.raises(GatewayError, match=r"envProcess: .*No closing quotation"):
        split("echo 'half", "envProcess")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--port=$(PORT)", "--port=41"),
        ("$(A.B-c)$(PORT)", "x41"),
        ("$(NONE)", "$(NONE)"),
        ("$()", "$()"),
        ("$PORT ${PORT} $? (PORT)", "$PORT ${PORT} $? (PORT)"),
        ("$$(PORT)_$(PORT)", "$(PORT)_41"),
        ("$$PORT costs 5$$", "$PORT costs 5$"),
        ("$$$$$$(PORT)", "$$$(PORT)"),
        ("$$$$$$$(PORT)", "$$$41"),
        ("$$$$$$$(NONE)", "$$$$(NONE)"),
        ("$(EMPTY)|$(REFERENCE)", "|$(PORT)"),
        ("$(PORT$(PORT))", "$(PORT$(PORT))"),
        ("$(foo$$var)", "$(foo$$var)"),
        ("41$(PORT", "41$(PORT"),
        ("--$($($($($--$", "--$($($($($--$"),
    ],
)
def test_references_are_replaced_as_kubernetes_does(text: str, expected: str) -> None:
    env = {"PORT": "41", "A.B-c": "x", "EMPTY": "", "REFERENCE": "$(PORT)"}
    assert expanded(text, env) == expected


def test_the_function_process_may_be_said_in_two_places() -> None:
    assert fprocess_from({"fprocess": "cat"}, "wc -c") == ("wc", "-c")
    assert fprocess_from({"fprocess": "cat"}) == ("cat",)
    assert fprocess_from({}) == ()


def test_the_watchdogs_variables_are_read_as_it_reads_them() -> None:
    assert settings_from({}) == WatchdogSettings()
    env = {"exec_timeout": "2", "write_timeout": "1m", "combine_output": "false", "cgi_headers": ""}
    assert settings_from(env) == WatchdogSettings(
        exec_timeout=2.0, write_timeout=60.0, combine_output=False
    )
    with pytest.raises(GatewayError, match="exec_timeout: 'soon'"):
        settings_from({"exec_timeout": "soon"})


def test_python_is_the_gateways_own_and_its_tools_come_first(tmp_path: Path) -> None:
    env = environment_of({"PATH": str(tmp_path)})
    assert env["PATH"].split(os.pathsep) == [str(Path(sys.executable).parent), str(tmp_path)]
    assert resolved(["python3", "-V"], env) == [sys.executable, "-V"]
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    with pytest.raises(CommandError, match="no command 'tool' on PATH"):
        resolved(["tool"], env)
    tool.chmod(0o755)
    assert resolved(["tool", "x"], env) == [str(tool), "x"]


def test_a_path_is_looked_for_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=f"no command './run' in {tmp_path}"):
        resolved(["./run"], SHELL)
    (tmp_path / "run").write_text("")
    with pytest.raises(CommandError, match=r"'./run' may not be executed"):
        resolved(["./run"], SHELL)


def test_ports_are_handed_out_once() -> None:
    ports = Ports()
    taken = [ports.take() for _ in range(20)]
    assert len(set(taken)) == 20
    ports.give_back(taken[0])


def test_an_end_is_told_in_words() -> None:
    assert ending(3) == "ended with status 3"
    assert ending(-signal.SIGSEGV) == "was ended by SIGSEGV"


def test_a_real_time_signal_has_its_name_as_well() -> None:
    if not hasattr(signal, "SIGRTMIN"):
        tools.lacking("there are no real-time signals on this machine")
    number = signal.SIGRTMIN + 1
    code = subprocess.run(["sh", "-c", f"kill -{number} $$"], check=False).returncode
    assert ending(code) == "was ended by SIGRTMIN+1"
    assert ending(-signal.SIGRTMIN) == "was ended by SIGRTMIN"


def revision(image: str, *, command: str = "", fprocess: str = "") -> Revision:
    return Revision(
        "f", "n", 1, image, command=tuple(command.split()), fprocess=tuple(fprocess.split())
    )


def test_what_an_image_and_a_command_mean_together(tmp_path: Path) -> None:
    function, scripts = tmp_path / "functions" / "one", tmp_path / "scripts"
    function.mkdir(parents=True)
    scripts.mkdir()
    (function / "main.py").write_text("")
    found = {
        (image, kind): source_for(revision(image, **{kind: "cat"}), tmp_path)
        for image in ("mayfly/one:latest", str(function), str(scripts))
        for kind in ("command", "fprocess")
    }
    assert {key: source.whole for key, source in found.items() if source} == {
        ("mayfly/one:latest", "command"): True,
        ("mayfly/one:latest", "fprocess"): False,
        (str(function), "command"): True,
        (str(function), "fprocess"): False,
        (str(scripts), "command"): True,
        (str(scripts), "fprocess"): True,
    }
    assert (
        source_for(revision("registry.example/openfaas/alpine:latest", fprocess="cat"), tmp_path)
        is None
    )


@pytest.mark.parametrize(
    ("image", "given"),
    [
        ("functions/alpine", {}),
        ("functions/alpine", {"command": "cat"}),
        ("mayfly/none", {"fprocess": "cat"}),
        ("/no/such", {"fprocess": "cat"}),
    ],
)
def test_what_cannot_run_here_is_refused(tmp_path: Path, image: str, given: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="image") as caught:
        source_for(revision(image, **given), tmp_path)
    assert caught.value.remedy


class Asked:
    """A call of a WSGI application."""

    def __init__(self, app: Watchdog, body: bytes = b"", **environ: Any) -> None:
        self.status, self.headers = "", dict[str, str]()
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "wsgi.input": io.BytesIO(body),
            **environ,
        }
        self.body = b"".join(app(environ, self._begin))

    def _begin(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status.strip(), dict(headers)


Made = Callable[..., Watchdog]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Made:
    def made(*words: str, env: dict[str, str] | None = None, **settings: Any) -> Watchdog:
        env = {**SHELL, **(env or {})}
        given = WatchdogSettings(**settings)
        return Watchdog(Runner(resolved(words, env), given), given, env)

    return made


def test_the_body_goes_in_and_the_output_comes_out(make: Made) -> None:
    asked = Asked(make("cat"), b"\x00\xff" * 100_000, CONTENT_TYPE="image/x")
    assert (asked.status, asked.body) == ("200", b"\x00\xff" * 100_000)
    assert asked.headers["content-type"] == "image/x"
    assert Asked(make("echo", "hi")).headers["content-type"] == "text/plain; charset=utf-8"
    assert Asked(make("cat", content_type="a/b"), b"x").headers["content-type"] == "a/b"


def test_a_command_that_reads_nothing_does_not_break_a_large_body(make: Made) -> None:
    assert Asked(make("echo", "enough"), b"x" * 1_000_000).body == b"enough\n"


def test_only_the_originals_methods_are_taken(make: Made) -> None:
    for method, status in (("GET", "200"), ("PATCH", "200"), ("OPTIONS", "405"), ("HEAD", "405")):
        assert Asked(make("cat"), REQUEST_METHOD=method).status == status
    health = Asked(make("false"), REQUEST_METHOD="GET", PATH_INFO="/_/health")
    assert (health.status, health.body) == ("200", b"OK")
    assert Asked(make("false"), PATH_INFO="/_/health").status == "405"


def test_a_failure_is_500_with_what_it_said(make: Made) -> None:
    script = "echo out; echo err >&2; exit 3"
    asked = Asked(make("sh", "-c", script))
    assert (asked.status, asked.body) == ("500", b"exit status 3\nout\nerr\n")
    apart = Asked(make("sh", "-c", script, combine_output=False))
    assert (apart.status, apart.body) == ("500", b"exit status 3\nout\n")
    killed = Asked(make("sh", "-c", "kill -9 $$"))
    assert (killed.status, killed.body) == ("500", b"signal: killed\n")


def test_the_log_says_what_the_original_says(
    make: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    Asked(make("sha512sum"), b"abc")
    first, second = capsys.readouterr().err.splitlines()
    assert first == "Forking fprocess."
    assert second.startswith("Wrote 132 Bytes - Duration: ")
    Asked(make("sh", "-c", "echo oh >&2", combine_output=False, write_debug=True))
    assert capsys.readouterr().err.splitlines()[1:3] == ["stderr: oh", "Out="]


@pytest.mark.parametrize(("limit", "status"), [("exec_timeout", "408"), ("write_timeout", "504")])
def test_what_takes_too_long_is_killed_with_all_it_started(
    make: Made, tmp_path: Path, limit: str, status: str
) -> None:
    pids = tmp_path / "pids"
    began = time.monotonic()
    asked = Asked(make("sh", "-c", f"sleep 60 & echo $! $$ > {pids}; wait", **{limit: 2.0}))
    assert (asked.status, asked.body) == (status, b"Killed process.\n")
    assert time.monotonic() - began < 30
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids.read_text().split()))


def test_a_body_that_comes_too_late_is_refused(make: Made) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            time.sleep(0.05)
            return super().read(1)

    late: dict[str, Any] = {"wsgi.input": Slow(b"abc")}
    assert Asked(make("cat", read_timeout=0.01), **late).status == "400"


def test_a_request_becomes_variables(make: Made) -> None:
    asked = Asked(
        make("env", env={"OWN": "1"}),
        b"abc",
        REQUEST_METHOD="PUT",
        PATH_INFO="/a/b",
        QUERY_STRING="q=1&r",
        CONTENT_LENGTH="3",
        CONTENT_TYPE="text/x",
        HTTP_HOST="h",
        HTTP_X_FORWARDED_BY="\xe9",
    )
    seen = dict(line.split(b"=", 1) for line in asked.body.splitlines())
    assert seen.items() >= {
        b"OWN": b"1", b"Http_Method": b"PUT", b"Http_Path": b"/a/b", b"Http_Query": b"q=1&r",
        b"Http_ContentLength": b"3", b"Http_Content_Length": b"3", b"Http_Content_Type": b"text/x",
        b"Http_Host": b"h", b"Http_X_Forwarded_By": b"\xe9",
    }.items()  # fmt: skip
    assert b"Http_Method" not in Asked(make("env", cgi_headers=False)).body


def test_lengths_are_told_as_the_original_does() -> None:
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
    assert request_variables(asked)["Http_ContentLength"] == b"0"
    chunked = request_variables(asked | {"HTTP_TRANSFER_ENCODING": "chunked"})
    assert (chunked["Http_ContentLength"], chunked["Http_Transfer_Encoding"]) == (b"-1", b"chunked")


def test_head_and_body_may_come_as_json(make: Made) -> None:
    asked = Asked(make("cat", marshal_request=True), b"\xff", HTTP_X_ONE="1")
    assert json.loads(asked.body) == {"header": {"X-One": ["1"]}, "body": {"raw": "/w=="}}
    assert marshalled({}, b"") == b'{"header": {}, "body": {"raw": ""}}'


def test_secrets_are_found_where_they_are_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(
        "emulators.gateway.runtimes.forking.parentage.die_with_parent", lambda _: None
    )
    (tmp_path / "key").write_text("secret")
    start = Start(
        "f-1", Source(str(tmp_path), "", "http", own=False),
        {**SHELL, "OPENFAAS_SECRETS": str(tmp_path)}, "", "", 1, 0, 0.0,
        fprocess=("cat", "/var/openfaas/secrets/key"),
    )  # fmt: skip
    app, runner = load(start)
    assert Asked(app).body == b"secret"
    runner.end_all()
    assert Asked(app).status == "500"
