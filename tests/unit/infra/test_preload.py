"""What the launcher has the gateway do ahead of starts."""

import importlib.util
import os
import subprocess
import sys

import pytest

from emulators.gateway.settings import from_arguments
from infra.local import settings
from infra.local.stack import parts, preload


@pytest.mark.parametrize("module", preload.MODULES)
def test_each_module_is_there(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_the_gateway_is_told_of_modules_and_steps(tmp_path, monkeypatch) -> None:
    chosen = settings.from_env({"MAYFLY_HOME": str(tmp_path)})
    for file in (chosen.password_file, chosen.nats_token_file):
        file.write_text("word")
    for name in preload.variables({}):
        monkeypatch.delenv(name, raising=False)
    told = from_arguments(["--data", str(tmp_path)], parts.all_parts(chosen)["gateway"].env)

    assert told.preload == preload.MODULES
    assert told.rehearsal == preload.REHEARSAL


def test_what_is_set_already_stays() -> None:
    assert preload.variables({"MAYFLY_PRELOAD": "json"}) == {
        "MAYFLY_PRELOAD": "json",
        "GATEWAY_REHEARSAL": str(preload.REHEARSAL),
    }


def test_every_step_can_be_rehearsed() -> None:
    code = f"""
import importlib, os, sys
from emulators.gateway.runtimes.forking import rehearsal
rehearsed = rehearsal.load({str(preload.REHEARSAL)!r})
for _, modules in rehearsed.steps:
    for module in modules:
        importlib.import_module(module)
steps = list(rehearsed.possible())
before = dict(os.environ)
for step in steps:
    rehearsal.attempt(step)
assert dict(os.environ) == before
print(*(step.__name__ for step in steps))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "ORT_DISABLE_TELEMETRY": "1"},
    )

    assert (done.stdout, done.stderr) == ("_web _session _documents\n", "")
