"""Stopped parts and functions: pages say so in time, and the launcher replaces the parts."""

import os
import re
import signal
import time

import pytest

from benchmarks.faults.victims import replicas
from tests.e2e.conftest import queued
from tests.support.callers.visits import reader
from tests.support.lengths import length
from tests.support.processes import fastest, wait_until

pytestmark = pytest.mark.slow

# Three seconds, and what all else takes.
IN_TIME = 4.5

# Each costs half a minute of waiting for it to count as hung.
STOPPED = length(["gateway", "firestore"], ["firestore", "storage", "gateway", "nats"])


@pytest.fixture(scope="module")
def stack(new_home):
    """One for all: each test ends with every part at work again."""
    for stack in new_home({"MAYFLY_HUNG_SECONDS": "15"}):
        with stack.client() as client:
            made = client.post(
                "/datasets/datasets?name=small",
                content=b"a,b\n1,2\n3,4\n",
                headers={"Content-Type": "text/csv"},
            )
            assert made.status_code in {200, 202}
        yield stack


@pytest.fixture
def pages(stack):
    """A reader of its pages."""
    with reader(stack) as client:
        yield client


def home(pages):
    answer = pages.get("/")
    assert answer.status_code == 200
    return answer.text


def home_in_time(pages):
    """Return the page, which has to come in time: once at least, on a machine that is busy."""
    texts = []

    def attempt():
        began = time.monotonic()
        texts.append(home(pages))
        return time.monotonic() - began

    assert fastest(attempt, IN_TIME) < IN_TIME
    return texts[-1]


def test_a_stopped_function_costs_its_own_list_alone(stack, pages):
    wait_until(lambda: "cannot be shown" not in home(pages), what="all lists")
    stopped = replicas(stack.status()["gateway"]["pid"], "models")[0].pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        text = home_in_time(pages)
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert "Models cannot be shown." in text
    assert "Data cannot be shown." not in text
    assert 'href="/datasets/small"' in text


@pytest.mark.parametrize("part", STOPPED)
def test_a_stopped_part_is_replaced_while_pages_go_on_answering(stack, pages, part):
    before = stack.status()
    os.kill(before[part]["pid"], signal.SIGSTOP)
    home_in_time(pages)

    wait_until(lambda: stack.status()[part]["pid"] != before[part]["pid"], what="another process")
    wait_until(lambda: all(one["ready"] for one in stack.status().values()), what="all parts")
    wait_until(lambda: 'href="/datasets/small"' in home(pages), what="the whole page")
    wait_until(lambda: queued(stack).status_code == 202, what="the queue")
    after = stack.status()
    assert [name for name in after if after[name]["pid"] != before[name]["pid"]] == [part]
    assert re.search(
        rf"{part} +did not answer for 15 s, and was killed", stack.mayfly("logs").stdout
    )
