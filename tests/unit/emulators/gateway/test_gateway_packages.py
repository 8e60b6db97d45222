"""Functions' own packages: what is asked for, and that layers are whole and shared."""

import asyncio
import importlib
import importlib.metadata
import subprocess
import sys
import threading
import types
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path

import pytest

from emulators.gateway.errors import Failed, Invalid
from emulators.gateway.runtimes.packages import layer, requirements, store
from emulators.gateway.runtimes.packages.installing import AT_ONCE, Installer
from emulators.gateway.runtimes.packages.layer import Layer
from emulators.gateway.runtimes.packages.store import PackageStore
from emulators.gateway.service.runtime import StartError
from emulators.gateway.specs.images import Source
from tests.support.processes import wait_until
from tests.support.wheels import make_wheel


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("", True),
        ("# nothing\n\n", True),
        ("flask", True),
        ("Flask >= 2 # as there is\nmsgspec", True),
        ("flask==0.1", False),
        ("flask\\\n  >=2", True),
        ("no-such-package-of-mayfly", False),
        ("no-such-package-of-mayfly; python_version < '3'", True),
        ("flask[async]", False),  # which brings asgiref
        ("httpx[no-such-extra]", True),  # pip warns, and goes on
        ("httpx[http2]", None),
        ("flask @ file:///flask.whl", False),
        ("-r others.txt", False),
        ("./here", False),
        ("flask>=2 --hash=sha256:00", False),
    ],
)
def test_what_is_there_already(text: str, met: bool | None) -> None:
    found = requirements.are_met(text)
    assert met is None or found is met


def test_equal_requirements_have_one_key() -> None:
    key = requirements.key_of("flask==3\n", "a")
    assert key == requirements.key_of("# why\n\n  flask==3   # comment", "b")
    assert key != requirements.key_of("flask==4\n", "a")


@pytest.mark.parametrize("line", ["flask==3", "a @ https://b/a.whl", "a==1 --hash=sha256:00"])
def test_lines_that_lead_to_no_other_file_share_a_layer(line: str) -> None:
    assert requirements.key_of(line, "a") == requirements.key_of(line, "b")
    assert requirements.key_of(line, "a", alone=False) != requirements.key_of(line, "b")


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "./here",
        "a @ file:b",
        "x.whl",
        "-e .",
        "--x y",
        "lib/here",
        "a @ lib/here",
        "x.tgz",
        "x.tar.bz2",
        "a @ ${HERE}/b",
    ],
)
def test_lines_that_lead_to_other_files_count_these_in(line: str) -> None:
    assert requirements.key_of(line, "a") != requirements.key_of(line, "b")


class Shelf(Installer):
    """Installs a file, and counts; it can be held up, and fail."""

    def __init__(self) -> None:
        super().__init__({})
        self.installed = 0
        self.failure: Exception | None = None
        self.go = threading.Event()
        self.go.set()

    def python(self, code: Path, folder: Path) -> None:
        self.installed += 1
        (folder / "half.py").write_text("")
        self.go.wait()
        if self.failure:
            raise self.failure
        (folder / "whole.py").write_text((code / "requirements.txt").read_text())


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "layers"
        self.shelf = Shelf()
        self.store = PackageStore(self.folder, self.shelf)
        self._code = folder / "code"

    def source(self, name: str, asked: str = "no-such-package==1") -> Source:
        code = self._code / name
        code.mkdir(parents=True, exist_ok=True)
        (code / "requirements.txt").write_text(asked)
        return Source(str(code), "handle", "http", own=False)

    def take(self, source: Source) -> Layer:
        return self.store.take(source, program=False)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_deploys_of_the_same_at_once_install_it_once(place: Place) -> None:
    place.shelf.go.clear()
    sources = [place.source(name) for name in "abcd"]
    with ThreadPoolExecutor(4) as pool:
        going = [pool.submit(place.take, source) for source in sources]
        wait_until(lambda: place.shelf.installed == 1)
        place.shelf.go.set()
        found = {one.result().folder for one in going}
    assert place.shelf.installed == 1
    (folder,) = found
    assert (Path(folder) / "whole.py").read_text() == "no-such-package==1"


@pytest.mark.parametrize("failure", [Invalid("not to be had"), OSError("full")])
def test_what_fails_leaves_nothing_and_is_tried_again(place: Place, failure: Exception) -> None:
    place.shelf.failure = failure
    with pytest.raises((Invalid, Failed)):
        place.take(place.source("a"))
    assert place.names() == []
    with pytest.raises(StartError):
        asyncio.run(place.store.ready(place.source("a"), program=False))
    place.shelf.failure = None
    assert Path(place.take(place.source("a")).folder, "whole.py").is_file()


def test_a_layer_goes_with_the_last_copy_that_names_it(place: Place) -> None:
    first, second, other = place.source("a"), place.source("b"), place.source("c", "none==2")
    for source in (first, second, other):
        place.take(source)
    place.store.keep([Path(second.folder), Path(other.folder)])
    assert len(place.names()) == 2
    place.store.keep([Path(other.folder)])
    wait_until(lambda: len(place.names()) == 1)
    assert asyncio.run(place.store.ready(other, program=False)).folder
    assert place.shelf.installed == 2


def test_what_an_earlier_gateway_left_half_done_goes_and_what_is_under_way_stays(
    place: Place,
) -> None:
    left = place.folder / ".new-left"
    left.mkdir(parents=True)
    place.shelf.go.clear()
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(place.take, place.source("a"))
        wait_until(lambda: place.shelf.installed == 1)
        place.store.keep([])
        wait_until(lambda: not left.exists())
        place.shelf.go.set()
        assert Path(going.result().folder, "whole.py").is_file()


def test_the_product_s_own_and_what_names_nothing_have_none(place: Place) -> None:
    own = Source(place.source("a").folder, "handle", "http", own=True)
    assert place.take(own) == Layer()
    assert place.take(place.source("b", "flask")) == Layer()
    assert place.shelf.installed == 0


@pytest.mark.parametrize("file", ["uv.toml", "pyproject.toml"])
def test_a_folder_that_says_where_its_packages_come_from_shares_none(
    place: Place, file: str
) -> None:
    source = place.source("a")
    Path(source.folder, file).write_text("")
    assert place.take(source) != place.take(place.source("b"))


def test_the_link_to_packages_of_node_s_follows_its_version(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = place.source("a", "")
    Path(source.folder, "package.json").write_text('{"dependencies": {"small": "1"}}')
    monkeypatch.setattr(place.shelf, "node", lambda _, into: (into / "node_modules").mkdir())
    found = []
    for version in ("v1", "v2", "v2"):
        monkeypatch.setattr(store, "_node_version", lambda version=version: version)
        layer = place.store.take(source, program=True)
        assert Path(source.folder, "node_modules").resolve() == Path(layer.node, "node_modules")
        found.append(layer.node)
    assert found[0] != found[1] == found[2]


def test_no_file_is_brought_to_npm_by_a_link_out_of_the_folder(tmp_path: Path) -> None:
    code, into = tmp_path / "code", tmp_path / "into"
    code.mkdir()
    into.mkdir()
    (tmp_path / "secret").write_text("kept to itself")
    (code / "package.json").write_text("{}")
    (code / ".npmrc").symlink_to(tmp_path / "secret")
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    Installer({"PATH": f"{tmp_path}:/bin:/usr/bin"}).node(code, into)
    assert sorted(file.name for file in into.iterdir()) == ["node_modules", "package.json"]


KILLED = """
import sys
from pathlib import Path
from emulators.gateway.runtimes.packages.installing import Installer

folder = Path(sys.argv[1])
Installer({"PATH": f"{folder}:/bin:/usr/bin"}).node(folder, folder / "into")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel sees to it on Linux")
def test_an_installer_ends_with_a_gateway_that_is_killed(tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "npm").write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    (tmp_path / "npm").chmod(0o755)
    root = Path(__file__).resolve().parents[4]
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=root) as gateway:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        gateway.kill()
    installer = Path("/proc", (tmp_path / "pid").read_text().strip())
    wait_until(lambda: not installer.exists() or _is_over(installer), what="its end")


def _is_over(process: Path) -> bool:
    """Whether it waits for its parent alone."""
    return "Z (zombie)" in (process / "status").read_text()


@pytest.mark.parametrize("text", ["[1]", "{", '"x"'])
def test_a_package_json_that_cannot_be_read_is_refused(place: Place, text: str) -> None:
    source = place.source("a", "")
    Path(source.folder, "package.json").write_text(text)
    with pytest.raises(Invalid, match=r"package\.json cannot be read"):
        place.store.take(source, program=True)


def test_an_installer_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    program = tmp_path / "slow" / "npm"
    program.write_text("#!/bin/sh\nsleep 600\n")
    program.chmod(0o755)
    (tmp_path / "package.json").write_text("{}")
    installer = Installer({"PATH": f"{program.parent}:/bin:/usr/bin"}, limit=0.2)
    with pytest.raises(Invalid, match=r"was not installed within 0\.2 s"):
        installer.node(tmp_path, program.parent)
    installer.close()
    with pytest.raises(Invalid, match="is ending"):
        installer.node(tmp_path, program.parent)


WAITS = """#!/bin/sh
echo begun >> ../told
while [ ! -e ../go ]; do sleep 0.02; done
echo ended >> ../told
"""


def test_some_installers_run_and_the_others_wait_for_their_turn(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    program = tmp_path / "slow" / "npm"
    program.write_text(WAITS)
    program.chmod(0o755)
    (tmp_path / "package.json").write_text("{}")
    installer = Installer({"PATH": f"{program.parent}:/bin:/usr/bin"})
    told = tmp_path / "told"
    told.touch()
    folders = [tmp_path / f"into-{number}" for number in range(AT_ONCE + 3)]
    with ThreadPoolExecutor(len(folders)) as threads:
        for folder in folders:
            folder.mkdir()
            threads.submit(installer.node, tmp_path, folder)
        wait_until(lambda: len(told.read_text().split()) >= AT_ONCE, what="as many as may run")
        (tmp_path / "go").touch()
    running = [*accumulate(1 if word == "begun" else -1 for word in told.read_text().split())]
    assert (max(running), running[-1], len(running)) == (AT_ONCE, 0, 2 * len(folders))


def test_an_installer_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(Invalid, match="there is no npm on this machine"):
        Installer({"PATH": str(tmp_path)}).node(tmp_path, into)


def test_it_is_too_late_for_what_was_imported_from_elsewhere_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path, "flask", "0.1")
    make_wheel(tmp_path, "mayfly_small", "1.0")
    make_wheel(tmp_path, "msgspec", importlib.metadata.version("msgspec"))
    folder = tmp_path / "layer"
    for wheel in tmp_path.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    found = Layer(str(folder), layer.differing(folder))
    assert found.differing == ("flask", "mayfly_small")
    monkeypatch.setitem(sys.modules, "flask", types.ModuleType("flask"))
    assert layer.is_too_late(found)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in found.differing:
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not layer.is_too_late(found)
    layer.enter(found)
    assert sys.path[0] == str(folder)
    assert importlib.import_module("mayfly_small").__version__ == "1.0"
    assert not layer.is_too_late(found)
    del sys.modules["mayfly_small"]


def test_a_program_that_brings_its_own_has_none_installed(place: Place) -> None:
    source = place.source("a")
    Path(source.folder, ".venv").mkdir()
    assert place.take(source) == Layer()


def test_a_program_s_packages_come_first_in_its_environment() -> None:
    found = layer.environment_with(Layer("/layer"), {"PATH": "/bin", "PYTHONPATH": "/own"})
    assert found == {"PATH": "/layer/bin:/bin", "PYTHONPATH": "/layer:/own"}
    assert layer.environment_with(Layer(), {"PATH": "/bin"}) == {"PATH": "/bin"}
