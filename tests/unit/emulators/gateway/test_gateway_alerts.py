"""How the Community Edition scales: the alert, and where it leads."""

import pytest

from emulators.gateway.model.alerts import HighInvocationRate, Told, replicas_after


def told(rates: list[tuple[int, float]]) -> list[tuple[int, Told]]:
    """What is told at which second, for stretches of so many seconds at such a rate."""
    alert, now, answered, found = HighInvocationRate(), 0, 0.0, []
    for seconds, rate in rates:
        for _ in range(seconds):
            now, answered = now + 1, answered + rate
            what = alert.look(now, int(answered))
            if what is not None:
                found.append((now, what))
    return found


def test_five_a_second_are_no_high_rate() -> None:
    assert told([(300, 5.0)]) == []


def test_more_are_told_once_they_last_and_again_every_thirty_seconds() -> None:
    found = told([(90, 6.0)])
    assert [what for _, what in found] == ["firing"] * 3
    first = found[0][0]
    assert 10 < first < 25  # a window must be over five a second, then two waits of five seconds
    assert [at - first for at, _ in found] == [0, 30, 60]


def test_a_burst_that_is_over_soon_is_not_told() -> None:
    assert told([(2, 30.0), (60, 0.0)]) == []


def test_its_end_is_told_once() -> None:
    found = told([(20, 100.0), (120, 0.0)])
    assert [what for _, what in found] == ["firing", "resolved"]
    assert found[1][0] - found[0][0] >= 10


@pytest.mark.parametrize(
    ("what", "now", "most", "factor", "wanted"),
    [
        ("firing", 1, 5, 10, 2),
        ("firing", 1, 5, 20, 2),
        ("firing", 1, 5, 21, 3),
        ("firing", 4, 5, 50, 5),
        ("firing", 5, 5, 10, 5),
        ("firing", 2, 4, 100, 4),
        ("resolved", 5, 5, 10, 1),
    ],
)
def test_steps(what: Told, now: int, most: int, factor: int, wanted: int) -> None:
    assert replicas_after(what, now, 1, most, factor) == wanted
