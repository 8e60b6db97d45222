"""Copies of functions' code: what is in one, how long it stays."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.revision import Revision
from emulators.gateway.runtimes.code import CodeStore
from emulators.gateway.specs.images import Source, source_for
from tests.support.processes import wait_until


def write(root: Path, files: dict[str, str]) -> None:
    for place, text in files.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)


def held(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


class Place:
    def __init__(self, folder: Path) -> None:
        self.own = Source(str(folder / "functions" / "one"), "handle", "http", own=True)
        self.user = Source(str(folder / "user"), "handle", "http", own=False)
        self.store = CodeStore(folder / "code", folder / "bytecode", frozenset({"parent"}))
        self.folder = folder
        self.code = folder / "code"
        package = ("__init__.py", "kit/http/api.py", "one/main.py", "two/main.py")
        write(folder / "functions", dict.fromkeys(package, "x"))
        write(folder / "user", {"main.py": "1", "data/words.txt": "a", ".git/HEAD": "no"})
        write(folder / "user", {"__pycache__/main.cpython.pyc": "no", "old.pyc": "no"})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_folder_of_ones_own_is_copied_without_what_tools_leave(place: Place) -> None:
    digest = place.store.take(place.user)
    assert held(place.code / digest) == {"main.py", "data/words.txt"}
    found = place.store.locate(digest, place.user)
    assert found is not None
    assert found[0].folder == str(found[1]) == str(place.code / digest)


def test_copies_that_come_or_go_are_none_of_those_that_are_there(place: Place) -> None:
    digest = place.store.take(place.user)
    write(place.code, {".gone-1/requirements.txt": "a", ".new-1/requirements.txt": "a"})
    assert place.store.folders() == [place.code / digest]


def test_a_function_of_the_products_comes_with_its_package_and_kit(place: Place) -> None:
    digest = place.store.take(place.own)
    expected = {"functions/__init__.py", "functions/kit/http/api.py", "functions/one/main.py"}
    assert held(place.code / digest) == expected
    found = place.store.locate(digest, place.own)
    assert found is not None
    assert found[0].folder == str(place.code / digest / "functions" / "one")


@pytest.mark.parametrize("file", ["one/main.py", "kit/http/api.py", "__init__.py"])
def test_a_change_gives_another_copy_and_the_way_back_the_same(place: Place, file: str) -> None:
    before = place.store.take(place.own)
    write(place.folder / "functions", {file: "y"})
    changed = place.store.take(place.own)
    assert changed != before
    assert (place.code / before / "functions" / file).read_text() == "x"
    write(place.folder / "functions", {file: "x"})
    assert place.store.take(place.own) == before
    assert {path.name for path in place.code.iterdir()} == {before, changed}


def test_links_are_followed_but_not_in_circles(place: Place) -> None:
    user = place.folder / "user"
    write(place.folder, {"shared/words.py": "w"})
    (user / "shared").symlink_to(place.folder / "shared")
    (user / "again").symlink_to(user)
    (user / "broken").symlink_to(place.folder / "nowhere")
    digest = place.store.take(place.user)
    assert held(place.code / digest) == {"main.py", "data/words.txt", "shared/words.py"}
    assert not (place.code / digest / "shared").is_symlink()


def test_a_commands_folder_comes_whole_and_links_inside_it_stay_links(place: Place) -> None:
    user = place.folder / "user"
    write(user, {"node_modules/words/run.js": "r", ".venv/pyvenv.cfg": "v", ".ruff_cache/x": "no"})
    write(place.folder, {"shared/words.py": "w"})
    (user / "node_modules" / ".bin").mkdir()
    (user / "node_modules" / ".bin" / "run").symlink_to("../words/run.js")
    (user / "alias").symlink_to("node_modules")
    (user / "shared").symlink_to("../shared")
    (user / "absolute").symlink_to(user / "main.py")
    whole = msgspec.structs.replace(place.user, whole=True)
    digest = place.store.take(whole)
    copy = place.code / digest
    assert held(copy) >= {"node_modules/words/run.js", ".venv/pyvenv.cfg", "shared/words.py"}
    assert not (copy / ".ruff_cache").exists()
    assert (copy / "node_modules/.bin/run").readlink() == Path("../words/run.js")
    assert (copy / "alias").readlink() == Path("node_modules")
    assert not (copy / "shared").is_symlink()
    assert not (copy / "absolute").is_symlink()
    assert place.store.take(whole) == digest
    assert {path.name for path in place.code.iterdir()} == {digest}
    (user / "alias").unlink()
    (user / "alias").symlink_to("data")
    assert place.store.take(whole) != digest


def test_what_no_revision_names_goes_with_its_bytecode(place: Place) -> None:
    digest = place.store.take(place.user)
    compiled = place.folder / "bytecode" / digest
    write(compiled, {"main.cpython.pyc": "c"})
    write(place.code, {".new-left-by-a-kill/main.py": "half"})
    place.store.keep({digest})
    wait_until(lambda: [path.name for path in place.code.iterdir()] == [digest])
    place.store.keep(set())
    assert not (place.code / digest).exists()
    wait_until(lambda: not compiled.exists() and not list(place.code.iterdir()))
    assert place.store.locate(digest, place.user) is None
    assert place.store.locate("", place.user) is None


def test_bytecode_of_copies_that_are_gone_is_swept_at_the_start(place: Place) -> None:
    named = place.store.take(place.user)
    bytecode = place.folder / "bytecode"
    write(bytecode, {f"{named}/main.cpython.pyc": "c", "parent/http.cpython.pyc": "c"})
    # What a killed gateway and an earlier version, with paths for digests, have left.
    write(bytecode, {"0123456789abcdef/main.cpython.pyc": "c", "home/ann/hello/main.pyc": "c"})

    place.store.keep({named})

    wait_until(lambda: {path.name for path in bytecode.iterdir()} == {named, "parent"})
    assert (bytecode / named / "main.cpython.pyc").is_file()
    assert (bytecode / "parent" / "http.cpython.pyc").is_file()


def test_a_copy_stays_while_a_replica_runs_from_it(place: Place) -> None:
    digest = place.store.take(place.user)
    place.store.hold(digest)
    place.store.hold(digest)
    place.store.keep(set())
    place.store.release(digest)
    assert (place.code / digest).is_dir()
    place.store.release(digest)
    assert not (place.code / digest).exists()


def test_a_copy_that_was_taken_stays_until_it_is_known_what_is_named(place: Place) -> None:
    digest = place.store.take(place.user)
    place.store.keep(set())
    assert place.store.take(place.user) == digest
    place.store.hold(digest)
    place.store.release(digest)
    assert (place.code / digest).is_dir()
    place.store.keep(set())
    assert not (place.code / digest).exists()


def test_one_folder_taken_by_many_at_once_is_one_copy(place: Place) -> None:
    write(place.folder / "user", {f"data/{n}.txt": str(n) for n in range(200)})
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: place.store.take(place.user), range(8)))
    assert {path.name for path in place.code.iterdir()} == digests
    assert len(digests) == 1


def test_a_named_copy_stays_when_its_replicas_go(place: Place) -> None:
    digest = place.store.take(place.user)
    place.store.keep({digest})
    place.store.hold(digest)
    place.store.release(digest)
    assert (place.code / digest).is_dir()


def test_a_copy_that_fails_leaves_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GatewayError, match="No space left"):
        place.store.take(place.user)
    assert list(place.code.iterdir()) == []


@pytest.mark.parametrize(
    ("files", "given", "handler"),
    [
        (["handler.py"], {}, True),
        (["handler.py"], {"fprocess": ("python", "index.py")}, True),
        (["handler.py"], {"fprocess": ("python3", "index.py")}, True),
        (["handler.py"], {"fprocess": ("cat",)}, False),
        (["handler.py", "index.py"], {"fprocess": ("python", "index.py")}, False),
        (["handler.py", "index.py"], {}, True),
        (["handler.py", "main.py"], {}, False),
        (["handler.py"], {"command": ("python", "handler.py")}, False),
    ],
)
@pytest.mark.parametrize("tag", ["", ":latest", ":latest-abc123"])
def test_which_folders_are_handlers(
    tmp_path: Path, files: list[str], given: dict[str, tuple[str, ...]], handler: bool, tag: str
) -> None:
    write(tmp_path / "own", dict.fromkeys(files, "x"))
    revision = Revision("own", "default", 1, f"{tmp_path / 'own'}{tag}")
    source = source_for(msgspec.structs.replace(revision, **given), tmp_path)
    assert source is not None
    assert (source.folder, source.handler) == (str(tmp_path / "own"), handler)
    store = CodeStore(tmp_path / "code", tmp_path / "bytecode")
    copy = store.locate(store.take(source), msgspec.structs.replace(source, handler=False))
    assert copy is not None
    assert copy[0].handler is handler
    assert Path(copy[0].folder, "handler.py").is_file()
    assert store.folders() == [Path(copy[0].folder)]
