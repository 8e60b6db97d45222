"""What callers are told of their quota, letter by letter."""

import json

import msgspec
import pytest

from functions.kit.contract.access.over_quota import OverQuota, Standing
from functions.kit.http.responses.problems import document, problem_of
from functions.kit.http.responses.rate_limits import fields


def test_the_fields_are_those_of_the_draft() -> None:
    assert fields(Standing(5, 3, 42)) == {
        "RateLimit-Policy": '"permin";q=5;w=60',
        "RateLimit": '"permin";r=3;t=42',
    }
    assert fields(None) == {}


@pytest.mark.parametrize(
    ("standing", "policies", "more"),
    [
        (Standing(5, 0, 42), ["permin"], fields(Standing(5, 0, 42))),
        (None, ["concurrency"], {}),
    ],
)
def test_an_exceeded_quota_is_the_draft_s_problem(
    standing: Standing | None, policies: list[str], more: dict[str, str]
) -> None:
    error = OverQuota("No more.", policies=policies, retry_after=42, standing=standing)
    problem = problem_of(error)
    assert (problem.status, problem.headers) == (429, {"Retry-After": "42", **more})
    assert json.loads(msgspec.json.encode(document(problem, "/x"))) == {
        "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "No more.",
        "instance": "/x",
        "violated-policies": policies,
    }
