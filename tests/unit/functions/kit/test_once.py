import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.kit.adapters.once import Once
from tests.support.processes import PATIENCE

CALLERS = 64


def ask_together(once, callers=CALLERS):
    """Call from so many threads at the same moment; return what each got, or what it raised."""
    barrier = threading.Barrier(callers)

    def ask():
        barrier.wait(PATIENCE)
        try:
            return once()
        except OSError as error:
            return error

    with ThreadPoolExecutor(callers) as pool:
        return [one.result(PATIENCE) for one in [pool.submit(ask) for _ in range(callers)]]


@pytest.mark.parametrize("round_", range(5))
def test_many_first_callers_get_one_thing(round_):
    made = []
    begun = threading.Event()

    def make():
        made.append(object())
        begun.wait(0.05)  # long enough for all to come while it is being made
        return made[-1]

    assert set(ask_together(Once(make))) == {made[0]}
    assert len(made) == 1


def test_none_is_a_thing_too():
    made = []
    once = Once(lambda: made.append(1))
    assert (once(), once(), made) == (None, None, [1])


def test_an_error_goes_to_its_caller_and_is_not_remembered():
    tries = []

    def make():
        tries.append(1)
        if len(tries) < 3:
            raise OSError(len(tries))
        return "made"

    found = ask_together(Once(make))
    errors = [one for one in found if isinstance(one, OSError)]
    assert sorted(error.args[0] for error in errors) == [1, 2]
    assert found.count("made") == CALLERS - 2
    assert len(tries) == 3


def test_it_keeps_what_it_calls_and_its_words():
    def make():
        """Make it."""

    once = Once(make)
    assert (once.__doc__, once.__wrapped__) == ("Make it.", make)


def in_a_fork(work):
    """Return what `work` gives in a child, as text."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(into, str(work()).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return text


def test_a_fork_makes_its_own():
    once = Once(os.getpid)
    once()
    assert once() == os.getpid()
    assert in_a_fork(lambda: once() == os.getpid()) == "True"


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_does_not_wait_for_a_thread_that_it_does_not_have():
    begun, go = threading.Event(), threading.Event()

    def make():
        begun.set()
        go.wait(PATIENCE)
        return os.getpid()

    once = Once(make)

    def ask_in_child():
        go.set()
        return once() == os.getpid()

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(once)
        assert begun.wait(PATIENCE)
        assert in_a_fork(ask_in_child) == "True"
        go.set()
        assert slow.result(PATIENCE) == os.getpid()
