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


def test_every_step_can_be_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)  # a spare has no variables
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

    assert (done.stdout, done.stderr) == ("web _session _documents\n", "")


def test_what_is_imported_ahead_reads_no_variable_and_starts_no_thread() -> None:
    """It is imported before a replica has its environment, and for whichever start comes next."""
    code = f"""
import importlib, os, sys
from emulators.gateway.runtimes.forking import parentage, rehearsal
from infra.local.stack import preload

for name in preload.MODULES:
    importlib.import_module(name)
threads, read = parentage.thread_count(), []

class Watched(type(os.environ)):
    def __getitem__(self, name):
        read.append(name)
        return super().__getitem__(name)

os.environ.__class__ = Watched
for modules in rehearsal.load({str(preload.REHEARSAL)!r}).ahead.values():
    for name in modules:
        importlib.import_module(name)
assert "functions.prediction.main" not in sys.modules
print(read, parentage.thread_count() - threads)
"""
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=environment
    )

    assert (done.stdout, done.stderr) == ("[] 0\n", "")
