"""What libraries are told by the environment that they are loaded in, here and in images."""

import os
import subprocess
import sys

import pytest

from emulators.gateway.runtimes.forking.link import AS_IN_IMAGES
from tests.support.processes import ROOT

MOST_KEPT = 30
"""Megabytes, of a hundred that a thread took and freed."""
PROGRAM = """
import threading
import pyarrow as pa

def resident():
    lines = open("/proc/self/smaps_rollup")
    return sum(int(one.split()[1]) for one in lines if one.startswith("Private")) // 1024

def work():
    size = 120_000
    held = [pa.allocate_buffer(size) for _ in range(800)]
    for one in held:
        memoryview(one).cast("B")[::4096] = bytes(len(range(0, size, 4096)))
    del held, one
    freed.set()
    over.wait()

freed, over, before = threading.Event(), threading.Event(), resident()
threading.Thread(target=work).start()
freed.wait()
print(resident() - before)
over.set()
"""


def test_a_thread_that_rests_keeps_nothing_of_what_arrow_freed() -> None:
    given = {name: text for name, text in os.environ.items() if not name.startswith("MIMALLOC")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**given, **AS_IN_IMAGES},
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) < MOST_KEPT


@pytest.mark.parametrize("name", AS_IN_IMAGES)
def test_images_say_the_same(name: str) -> None:
    recipe = (ROOT / "functions" / "Dockerfile").read_text()
    assert f" {name}={AS_IN_IMAGES[name]} " in recipe
