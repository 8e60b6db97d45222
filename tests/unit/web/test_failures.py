"""What a function's refusal becomes: one type in the client, and the same status on the page."""

import httpx
import pytest

from web.client.errors import Failure, Unexpected
from web.client.transport.failures import FAILURES, error_answer
from web.http.statuses import STATUSES, status_of

OTHERS = [405, 408, 418, 431, 501, 599]


def kinds(kind=Failure):
    """Yield the kinds that have no kinds below them."""
    below = kind.__subclasses__()
    yield from (leaf for one in below for leaf in kinds(one)) if below else [kind]


def test_each_kind_comes_of_a_status_and_has_one():
    assert set(STATUSES) == set(FAILURES.values()) == set(kinds()) - {Unexpected}


@pytest.mark.parametrize("status", [*FAILURES, *OTHERS])
def test_a_page_has_the_status_of_the_answer(browser, double, status):
    answer = httpx.Response(status, json={"detail": "So it is.", "remedy": "Do that."})
    failure = error_answer(answer, "training")
    assert type(failure) is FAILURES.get(status, Unexpected)
    assert status_of(failure) == status
    double.answers["GET", "/training/jobs"] = answer
    page = browser.get("/jobs")
    assert page.status_code == status
    assert "So it is.; Do that." in page.text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "is not deployed"),
        (418, "failed with status 418"),
        (500, "failed with status 500"),
        (502, "is away"),
        (503, "is away"),
        (504, "is away"),
    ],
)
def test_an_answer_without_words_is_put_in_ours(status, said):
    assert said in error_answer(httpx.Response(status, text="?"), "training").detail


def test_flaws_are_found_by_their_column():
    flaw = {"reason": "is odd", "row": 3, "column": "age", "value": "x"}
    failure = error_answer(httpx.Response(422, json={"errors": [flaw]}), "datasets")
    assert failure.about("age") == "is odd"
    assert failure.about("sex") is None
