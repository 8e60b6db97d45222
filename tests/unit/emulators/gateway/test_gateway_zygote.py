"""The parent of replicas and the gateway's line to it, where one of them goes."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.link import ZygoteLink
from emulators.gateway.specs.images import Source

PATIENCE = 30.0  # seconds
ROOT = Path(__file__).resolve().parents[4]
# Two starts are left by a warm parent that is gone; the first one's replica outlives the second's.
# In a process of its own, for it forks.
LEFT = """
import os, select, socket, time
from emulators.gateway.runtimes.forking import messages, rehearsal, replica
from emulators.gateway.runtimes.forking.warm_parents import Pending
from emulators.gateway.runtimes.forking.zygote import Zygote
from emulators.gateway.specs.images import Source

replica.run = lambda start, lifeline, log, at: len(os.read(lifeline, 1))
zygote = Zygote(socket.socketpair()[0], 0, rehearsal.load(""), views=False)
ours, left = [], []
for name in ("first", "second"):
    mine, theirs = socket.socketpair()
    start = messages.Start(name, Source("/", "handle", "http", own=False), {}, "", "/", 1, 0, 0.0,
                           command=("true",))
    left.append(Pending(messages.Given(start, 0.0), theirs.detach(), os.open("/dev/null", 1)))
    ours.append(mine)
zygote._settle([], left)
ours[1].send(b"x")  # ends the second
ready, _, _ = select.select([ours[1]], [], [], 10)
told = bool(ready) and ours[1].recv(1) == b""
ours[0].send(b"x")
raise SystemExit(not told)
"""


def test_a_replica_keeps_no_lifeline_of_another_that_its_warm_parent_left() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT], cwd=ROOT, check=False, timeout=PATIENCE)
    assert done.returncode == 0


def test_what_is_sent_while_there_is_no_parent_holds_nothing_up(tmp_path: Path) -> None:
    async def story() -> None:
        link = ZygoteLink((), None, tmp_path / "bytecode", 0)
        lost, given = socket.socketpair()
        log = os.open(os.devnull, os.O_WRONLY)
        with lost, given:
            link.send(start("early", tmp_path), (given.fileno(), log))
            given.close()
            lost.settimeout(PATIENCE)
            assert lost.recv(1) == b""  # which tells that there will be no such replica
        await link.open()
        await link.ready(PATIENCE)
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        link.watch("late", ended.set_result)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            link.send(start("late", tmp_path), (theirs.fileno(), log))
            assert await asyncio.wait_for(ended, PATIENCE) == 1
        os.close(log)
        await link.close()

    asyncio.run(story())


def start(name: str, folder: Path) -> messages.Start:
    """A start that fails, as its folder is not there."""
    source = Source(str(folder / "nowhere"), "handle", "http", own=False)
    socket_path = str(folder / "a.sock")
    return messages.Start(name, source, {}, socket_path, source.folder, 1, 0, time.monotonic())
