"""One call for all who look at a training: what each sees, and when it ends."""

import queue
import threading
from contextlib import closing

import pytest

from tests.support.processes import wait_until
from web.client.errors import NotFound, SignedOut, Unavailable
from web.client.schemas import Job
from web.realtime import shared_watches
from web.realtime.shared_watches import SharedWatches


def job(progress, state="running"):
    return Job("j1", state, "table", "target", progress=progress)


class Source:
    """A function that has one training, and says what it is told to."""

    def __init__(self):
        self.now, self.asked, self.opened, self.closed = job(0.1), 0, 0, threading.Event()
        self.said: queue.Queue[object] = queue.Queue()
        self.gone = False

    def get(self, name):
        if name != "j1":
            raise NotFound("There is no such training.")
        return self.now

    def watch(self, name):
        self.opened += 1
        yield self.get(name)
        try:
            while (found := self.said.get(timeout=30)) != "end":
                if isinstance(found, Exception):
                    raise found
                yield found
        finally:
            self.closed.set()

    def ask(self):
        self.asked += 1
        if self.gone:
            raise SignedOut("The session has ended.")


@pytest.fixture
def source():
    found = Source()
    yield found
    for _ in range(found.opened):  # who still waits would fail in another test
        found.said.put("end")
    for thread in threading.enumerate():
        if thread.name.startswith("watch "):
            thread.join(30)


@pytest.fixture
def watches(source, monkeypatch):
    monkeypatch.setattr(shared_watches, "LOOK", 0.02)
    return SharedWatches(source.get, source.watch, source.ask)


def changes(watch, number):
    """Return so many changes, without the signs of life between."""
    found = (one for one in watch if one is not None)
    return [next(found).progress for _ in range(number)]


def test_many_look_by_one_call(source, watches):
    viewers = [watches.of("j1") for _ in range(20)]
    for one in viewers:
        assert changes(one, 1) == [0.1]
        assert next(one) is None  # it looks on, and nothing is new
    source.said.put(job(0.5))
    source.said.put(None)
    assert [changes(one, 1) for one in viewers] == [[0.5]] * 20
    assert source.opened == 1
    for one in viewers:
        one.close()
    source.said.put(None)  # the next sign of life finds nobody
    assert source.closed.wait(30)
    with closing(watches.of("j1")) as later:
        assert changes(later, 1) == [0.1]
        next(later)
        wait_until(lambda: source.opened == 2, what="a call of its own")


def test_who_may_not_see_it_hears_so_and_what_has_ended_needs_no_call(source, watches):
    with pytest.raises(NotFound):
        next(watches.of("other"))
    source.now = job(1.0, "succeeded")
    assert [one.state for one in watches.of("j1")] == ["succeeded"]
    assert source.opened == 0


def test_a_session_that_ends_ends_the_look_and_nobody_else_s(source, watches):
    with closing(watches.of("j1")) as one:
        assert changes(one, 1) == [0.1]
        wait_until(lambda: next(one) is None and source.asked > 0, what="a look at the session")
        source.gone = True
        assert not [found for found in one if found is not None]


@pytest.mark.parametrize("end", ["end", SignedOut("It was the first one's call.")])
def test_a_call_that_ends_lets_all_go(source, watches, end):
    with closing(watches.of("j1")) as one:
        assert changes(one, 1) == [0.1]
        source.said.put(end)
        assert not [found for found in one if found is not None]


def test_a_call_that_fails_tells_everybody(source, watches):
    with closing(watches.of("j1")) as one:
        assert changes(one, 1) == [0.1]
        next(one)
        source.said.put(Unavailable("It is away."))
        with pytest.raises(Unavailable):
            list(one)
