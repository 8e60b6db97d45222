import pytest

from emulators.gateway.model.retry_times import should_retry, wait_before
from emulators.gateway.model.revision import Retry


def test_which_answers_are_tried_again() -> None:
    assert should_retry(Retry(), 503, 1)
    assert should_retry(Retry(), 429, 9)
    assert not should_retry(Retry(), 503, 10)
    assert not should_retry(Retry(), 400, 1)
    assert not should_retry(Retry(), 200, 1)


@pytest.mark.parametrize(
    ("attempt", "middle"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 120), (500, 120)]
)
def test_waits_double_up_to_the_longest(attempt: int, middle: float) -> None:
    assert wait_before(Retry(), 500, attempt, None, jitter=0.5) == pytest.approx(middle)
    assert wait_before(Retry(), 500, attempt, None, jitter=0.0) == pytest.approx(middle * 0.8)
    assert middle * 0.8 <= wait_before(Retry(), 500, attempt, None) <= middle * 1.2


def test_retry_after_is_obeyed_on_429_and_503_alone() -> None:
    assert wait_before(Retry(), 429, 1, "3") == 3
    assert wait_before(Retry(), 503, 1, "3") == 3
    assert wait_before(Retry(), 500, 1, "3", jitter=0.5) == 10
    assert wait_before(Retry(), 503, 1, "soon", jitter=0.5) == 10


def test_no_wait_is_longer_than_a_day() -> None:
    assert wait_before(Retry(), 503, 1, "9" * 30) == 86_400
    assert wait_before(Retry(min_wait=1e12, max_wait=1e12), 500, 1, None, jitter=0.5) == 86_400


@pytest.mark.parametrize(("now", "wait"), [(1792567650, 30), (1792567680, 0), (1792567999, 0)])
def test_retry_after_may_be_a_date(now: float, wait: float) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"  # 1792567680 in Unix seconds
    assert wait_before(Retry(), 503, 1, date, now=now) == wait
