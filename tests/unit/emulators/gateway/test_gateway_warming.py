"""Warm parents: which starts may have one, which of them stay, what forbids to fork one."""

import asyncio
import functools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from emulators.gateway.model.revision import Revision
from emulators.gateway.runtimes.forking import imports, messages, warming
from emulators.gateway.runtimes.forking.warm_parents import WarmParents
from emulators.gateway.runtimes.forking.warming import ANNOTATION, Warming
from emulators.gateway.runtimes.view import View
from emulators.gateway.service.runtime import SECRETS_VARIABLE, StartError
from emulators.gateway.specs.images import Source
from tests.support.processes import ROOT

MB = 1024 * 1024
LEARNED = messages.Learned(("heavy",))
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are none elsewhere")


def revision(name: str = "heavy", **changes: Any) -> Revision:
    return Revision(name, "openfaas-fn", 1, "/code", **{"fingerprint": name, **changes})


def start(name: str = "heavy", **changes: Any) -> messages.Start:
    source = Source(f"/code/{name}", "handle", "http", own=False)
    whole = messages.Start(f"{name}-1", source, {"A": "b"}, "/x.sock", "/code", 4, 0, 1.0)
    return msgspec.structs.replace(whole, **changes)


class Made:
    """A warm parent that was made, as far as the policy sees it."""

    def __init__(self, name: str, memory: int) -> None:
        self.id = f"{name}-warm"
        self.memory = memory
        self.timings: dict[str, float] = {}
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def kill(self) -> None:
        if not self.exited.done():
            self.exited.set_result("ended")
            await asyncio.sleep(0)  # for who waits for that


class World:
    """Makes warm parents of the sizes that it is told."""

    def __init__(self, most: int = 100 * MB) -> None:
        self.sizes: dict[str, int] = {}
        self.made: list[Made] = []
        self.failure = ""
        self.warming = Warming(most, self._make)

    async def _make(self, revision: Revision, _: messages.Start) -> Any:
        if self.failure:
            raise StartError(self.failure)
        self.made.append(Made(revision.function, self.sizes.get(revision.function, 40 * MB)))
        return self.made[-1]

    def launch(self, given: Revision, begun: messages.Start, learned: Any = LEARNED) -> str:
        """One start; which warm parent it had."""
        parent = self.warming.begin(given, begun)
        self.warming.end()
        if not parent:
            self.warming.learn(given, begun, learned)
        return parent

    async def settled(self, given: Revision, words: str) -> None:
        await self.warming.settle()
        assert self.warming.words(given) == words


def story(told: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Have a test run in a loop of its own."""

    @functools.wraps(told)
    def run(**given: Any) -> None:
        asyncio.run(told(**given))

    return run


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "_QUIET_SECONDS", 0.01)


@story
async def test_a_function_whose_start_took_long_gets_one_and_a_quick_one_does_not() -> None:
    world = World()
    assert world.launch(revision(), start()) == ""
    assert world.warming.words(revision()) == "after its next start"
    await world.settled(revision(), "yes, 40 MB")
    assert world.launch(revision(), start(id="heavy-2", socket="/y.sock")) == "heavy-warm"
    assert world.launch(revision("quick"), start("quick"), messages.Learned()) == ""
    assert world.warming.words(revision("quick")) == ""
    await world.warming.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"env": {"A": "c"}},
        {"source": Source("/code/other", "handle", "http", own=False)},
        {"compiled": "/elsewhere"},
        {"view": View(hidden=("/data",))},
        {"threads": 1},
    ],
    ids=["environment", "code", "compiled", "view", "threads"],
)
@story
async def test_a_start_that_differs_in_anything_has_none_and_ends_the_other(changes: Any) -> None:
    world = World()
    world.launch(revision(), start())
    await world.settled(revision(), "yes, 40 MB")
    assert world.launch(revision(), start(**changes), messages.Learned()) == ""
    await world.warming.settle()
    assert world.made[0].exited.done()
    assert world.warming.words(revision()) == ""
    await world.warming.close()


@story
async def test_the_least_recently_needed_leaves_where_there_is_no_room() -> None:
    world = World()
    names = ["a", "b", "c"]
    for name in names[:2]:
        world.launch(revision(name), start(name))
        await world.settled(revision(name), "yes, 40 MB")
    assert world.launch(revision("a"), start("a")) == "a-warm"
    world.launch(revision("c"), start("c"))
    await world.settled(
        revision("c"), "no room within GATEWAY_WARM_PARENTS_MB=100: when it next starts from zero"
    )
    world.launch(revision("c"), start("c"))  # which shows that it is worth it
    await world.settled(revision("c"), "yes, 40 MB")
    assert [world.warming.words(revision(name)) for name in names] == [
        "yes, 40 MB", "after its next start", "yes, 40 MB",
    ]  # fmt: skip
    assert [one.exited.done() for one in world.made] == [False, True, True, False]
    await world.warming.close()


@story
async def test_once_there_is_no_room_a_first_start_makes_none() -> None:
    world = World(50 * MB)
    for name in ("a", "b"):
        world.launch(revision(name), start(name))
        await world.warming.settle()
    assert [one.exited.done() for one in world.made] == [False, True]
    world.launch(revision("c"), start("c"))
    await world.warming.settle()
    assert len(world.made) == 2
    await world.warming.close()


@story
async def test_one_that_is_larger_than_all_may_be_is_not_kept_and_not_made_again() -> None:
    world = World()
    world.sizes["huge"] = 101 * MB
    told = "it would take 101 MB, more than GATEWAY_WARM_PARENTS_MB=100"
    world.launch(revision("huge"), start("huge"))
    await world.settled(revision("huge"), told)
    world.launch(revision("huge"), start("huge"))
    await world.warming.settle()
    assert len(world.made) == 1
    assert world.made[0].exited.done()
    await world.warming.close()


@pytest.mark.parametrize(
    ("given", "begun", "why"),
    [
        (revision(annotations={ANNOTATION: "off"}), start(), f"{ANNOTATION}: off"),
        (
            revision(),
            start(env={SECRETS_VARIABLE: "/given/1"}),
            "its replicas have secrets or volumes, each its own copy",
        ),
    ],
    ids=["off", "secrets"],
)
@story
async def test_what_is_against_one_is_said(
    given: Revision, begun: messages.Start, why: str
) -> None:
    world = World()
    world.launch(given, begun)
    assert world.warming.words(given) == why
    assert not world.made
    await world.warming.close()


@story
async def test_none_are_made_where_they_may_take_nothing() -> None:
    world = World(0)
    world.launch(revision(), start())
    assert world.warming.words(revision()) == "GATEWAY_WARM_PARENTS_MB=0"
    await world.warming.close()


@story
async def test_one_that_cannot_be_made_is_not_tried_again() -> None:
    world = World()
    world.failure = "Traceback:\nno warm parent for this function: its imports start threads (t)"
    world.launch(revision(), start())
    await world.settled(revision(), "its imports start threads (t)")
    world.failure = ""
    world.launch(revision(), start())
    await world.warming.settle()
    assert not world.made
    await world.warming.close()


@story
async def test_one_whose_replica_did_not_start_is_ended_and_not_made_again() -> None:
    world = World()
    world.launch(revision(), start())
    await world.settled(revision(), "yes, 40 MB")
    world.warming.misled(revision(), "Traceback:\nValueError: forked")
    await world.settled(revision(), "a replica forked from it did not start: ValueError: forked")
    world.launch(revision(), start())
    await world.warming.settle()
    assert [one.exited.done() for one in world.made] == [True]
    await world.warming.close()


@story
async def test_one_that_died_is_made_again_after_the_next_start() -> None:
    world = World()
    world.launch(revision(), start())
    await world.settled(revision(), "yes, 40 MB")
    await world.made[0].kill()
    await world.settled(revision(), "after its next start")
    assert world.launch(revision(), start()) == ""
    await world.settled(revision(), "yes, 40 MB")
    await world.warming.close()


@story
async def test_those_of_code_that_no_revision_names_end() -> None:
    world = World()
    world.launch(revision(), start())
    await world.settled(revision(), "yes, 40 MB")
    world.warming.keep({"heavy"})
    assert world.warming.words(revision()) == "yes, 40 MB"
    world.warming.keep({"other"})
    await world.warming.settle()
    assert world.made[0].exited.done()
    assert world.warming.words(revision()) == ""
    await world.warming.close()


def written(folder: Path, name: str, text: str = "") -> None:
    (folder / f"{name}.py").write_text(text)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """The function's own folder, and one of libraries; both importable."""
    own, library = tmp_path / "own", tmp_path / "library"
    for folder in (own, library):
        folder.mkdir()
        monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield own, library
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_what_a_load_imported_is_told_but_for_the_function_s_own(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, library = folders
    monkeypatch.setenv("GONE", "1")
    before, environment = set(sys.modules), dict(os.environ)
    written(library, "wp_lib_b")
    written(library, "wp_lib_a", "import wp_lib_b, os; os.environ['SET'] = 'x'")
    written(own, "wp_own", "import wp_lib_a, os; os.environ.pop('GONE')")
    __import__("wp_own")
    learned = imports.learn(before, environment, str(own))
    assert learned.modules == ("wp_lib_b", "wp_lib_a")  # as they were whole
    assert learned.variables == {"GONE": None, "SET": "x"}
    monkeypatch.delenv("SET")


# What a process of its own does, which has no threads or files of a test's.
AHEAD = """
import json, os, sys
from emulators.gateway.runtimes.forking import imports, messages

sys.path[:0] = [OWN, LIBRARY]
opened = imports.open_files()
learned = messages.Learned(tuple(NAMES), {"WP_SET": "x", "WP_GONE": None})
found = imports.import_all(learned, OWN)
seen = {name: getattr(sys.modules[name], "SEEN", None) for name in NAMES if name in sys.modules}
print(json.dumps([seen, "WP_GONE" in os.environ, list(imports.obstacles(opened, found))]))
"""


def imported_ahead(folders: tuple[Path, Path], *names: str) -> tuple[dict[str, Any], bool, Any]:
    """What a process says that has imported ahead: what was seen, and what is against a fork."""
    given = {"OWN": str(folders[0]), "LIBRARY": str(folders[1]), "NAMES": names}
    script = "".join(f"{name} = {value!r}\n" for name, value in given.items()) + AHEAD
    environment = {**os.environ, "WP_GONE": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    seen, gone, said = json.loads(done.stdout)
    return seen, gone, said


def test_what_is_imported_ahead_finds_the_environment_that_the_load_left(
    folders: tuple[Path, Path],
) -> None:
    _, library = folders
    written(library, "wp_reads", "import os; SEEN = os.environ['WP_SET']")
    written(library, "wp_breaks", "raise RuntimeError('not alone')")
    told = imported_ahead(folders, "wp_breaks", "wp_reads", "wp_not_there")
    assert told == ({"wp_reads": "x"}, False, [])


def test_threads_open_files_and_own_modules_are_against_a_fork(folders: tuple[Path, Path]) -> None:
    own, library = folders
    written(own, "wp_own")
    written(library, "wp_lib", "import wp_own, os; NULL = open(os.devnull)")
    written(
        library,
        "wp_holds",
        "import socket, threading\nKEPT = socket.socket()\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()",
    )
    _, _, said = imported_ahead(folders, "wp_lib", "wp_holds")
    assert said[0] == "what it imports imports modules of its own folder (wp_own)"
    assert said[1].startswith("its imports start threads (")
    assert said[2].startswith("its imports leave socket:[")
    assert len(said) == 3


def test_a_thread_that_is_made_for_forks_is_nothing_against_one(
    folders: tuple[Path, Path],
) -> None:
    text = "import pyarrow as pa\nSEEN = len(pa.array([1, 2, 3]))"  # jemalloc's, where it is in use
    written(folders[1], "wp_arrow", text)
    assert imported_ahead(folders, "wp_arrow") == ({"wp_arrow": 3}, False, [])


def test_a_process_tells_its_memory() -> None:
    assert imports.memory() > MB


def pending(name: str = "one", parent: str = "p") -> messages.Given:
    return messages.Given(start(id=name, parent=parent), 2.0)


def test_a_start_is_a_warm_parent_s_until_its_replica_says_so() -> None:
    parents, (ours, theirs) = WarmParents(), WarmParents.pair()
    read, write = os.pipe()
    assert not parents.give(pending(), read, write)
    parents.add("p", 7, ours)
    assert parents.give(pending(), read, write)
    line, descriptors, _, _ = socket.recv_fds(theirs, 65536, 2)
    assert msgspec.json.decode(line, type=messages.Given) == pending()
    assert (len(parents), list(parents.descriptors())) == (1, [read, write])
    assert parents.until_overdue() == 0.0
    theirs.send(msgspec.json.encode(messages.Forked("one", 8)))
    assert parents.heard(ours) == ([messages.Forked("one", 8)], [])
    assert (len(parents), list(parents.abandoned()), parents.until_overdue()) == (0, [], None)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(read)
    for descriptor in descriptors:
        os.close(descriptor)
    theirs.close()
    assert parents.heard(ours) == ([], [])


def test_what_a_dead_warm_parent_had_not_forked_is_given_back() -> None:
    parents, (ours, theirs) = WarmParents(), WarmParents.pair()
    read, write = os.pipe()
    parents.add("p", 7, ours)
    assert parents.give(pending(), read, write)
    theirs.close()
    forked, [left] = parents.heard(ours)
    assert (forked, left.given, left.lifeline, left.log) == ([], pending(), read, write)
    assert not parents.give(pending(), read, write)
    os.close(read)
    os.close(write)


def test_one_that_hangs_is_left_with_what_it_had_forked_and_can_say_nothing_later() -> None:
    parents, (ours, theirs) = WarmParents(), WarmParents.pair()
    parents.add("p", 7, ours)
    pipes = [os.pipe() for _ in range(2)]
    for name, (read, write) in zip(("one", "two"), pipes, strict=True):
        assert parents.give(pending(name), read, write)
    theirs.send(msgspec.json.encode(messages.Forked("one", 8)))
    [(pid, forked, [left])] = list(parents.abandoned())
    assert (pid, forked, left.given) == (7, [messages.Forked("one", 8)], pending("two"))
    assert (parents.sockets(), list(parents.abandoned())) == ([], [])
    with pytest.raises(BrokenPipeError):
        theirs.send(msgspec.json.encode(messages.Forked("two", 9)))
    theirs.close()
    for descriptor in pipes[1]:
        os.close(descriptor)
