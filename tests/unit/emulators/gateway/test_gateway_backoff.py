"""One back-off for all that is tried again."""

import itertools

from emulators.gateway.model.backoff import Backoff


def test_waits_grow_up_to_the_longest() -> None:
    assert list(itertools.islice(Backoff(0.25, 2.0).pauses(), 6)) == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
    assert [Backoff(2.0, 60.0).after(n) for n in (1, 2, 5, 6)] == [2.0, 4.0, 32.0, 60.0]
    assert [Backoff(0.1, 10.0, factor=5.0).after(n) for n in (1, 2, 3, 4)] == [0.1, 0.5, 2.5, 10.0]


def test_any_number_of_failures_has_a_wait() -> None:
    assert Backoff(2.0, 60.0).after(5000) == 60.0
    assert Backoff(0.0, 60.0).after(5000) == 0.0
    assert Backoff(100.0, 60.0).after(1) == 60.0
