"""What a caller hears by HTTP, and what the same one hears by gRPC."""

import grpc
import pytest

from functions.kit.contract import errors
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.errors import Flaw
from functions.kit.grpc.statuses import status_of
from functions.kit.http.responses.problems import Problem, problem_of, unauthorized

CODES = grpc.StatusCode


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Unreadable("x"), CODES.INVALID_ARGUMENT),
        (errors.Invalid("x"), CODES.INVALID_ARGUMENT),
        (errors.NotFound("x"), CODES.NOT_FOUND),
        (errors.Gone("x"), CODES.NOT_FOUND),
        (errors.Conflict("x"), CODES.FAILED_PRECONDITION),
        (errors.Stale("x"), CODES.ABORTED),
        (errors.TooLarge("x"), CODES.RESOURCE_EXHAUSTED),
        (errors.NoRoom("x"), CODES.RESOURCE_EXHAUSTED),
        (errors.Failed("x"), CODES.INTERNAL),
        (errors.Away("x"), CODES.UNAVAILABLE),
        (OverQuota("x", policies=["permin"], retry_after=3), CODES.RESOURCE_EXHAUSTED),
    ],
)
def test_every_error_of_the_domain_has_a_code(error, code):
    assert status_of(problem_of(error)).code is code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, CODES.PERMISSION_DENIED),
        (405, CODES.UNIMPLEMENTED),
        (415, CODES.INVALID_ARGUMENT),
        (418, CODES.INVALID_ARGUMENT),
        (501, CODES.UNIMPLEMENTED),
        (502, CODES.UNAVAILABLE),
        (504, CODES.DEADLINE_EXCEEDED),
        (599, CODES.INTERNAL),
    ],
)
def test_every_status_has_one(status, code):
    assert status_of(Problem(status, "x")).code is code


def test_what_the_head_says_is_metadata_but_for_what_is_http_s():
    away = status_of(problem_of(errors.Away("x", retry_after=7)))
    assert away.metadata == (("retry-after", "7"),)
    nobody = status_of(unauthorized("Send a key."))
    assert (nobody.code, nobody.metadata) == (CODES.UNAUTHENTICATED, ())


def test_flaws_are_told_once():
    flaws = (Flaw("too low", row=1, column="a"), Flaw("too high", row=2, column="b"))
    assert status_of(Problem(422, "Row 1: too low.", flaws)).details == (
        "Row 1: too low. row 2, column 'b': too high"
    )
