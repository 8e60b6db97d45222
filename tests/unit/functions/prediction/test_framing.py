"""What callers of the protocol are told of an error."""

import msgspec
import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from functions.kit.contract.errors import DomainError, Flaw, Invalid, Unreadable, refused
from functions.kit.http.responses.problems import problem_of
from functions.prediction.transport.open_inference import framing

EARLY, LATE = (
    Flaw("Expected `int`", row=2, column="age"),
    Flaw("Expected `int`", row=5, column="age"),
)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (refused("No", EARLY), "No: row 2, column 'age': Expected `int`."),
        (
            refused("No", EARLY, LATE),
            (
                "No: row 2, column 'age': Expected `int` (1 more in errors). "
                "row 5, column 'age': Expected `int`"
            ),
        ),
        (
            Invalid("No.", EARLY, LATE),
            "No. row 2, column 'age': Expected `int`; row 5, column 'age': Expected `int`",
        ),
    ],
)
def test_each_flaw_is_told_once(problem, text):
    answer = framing.error(problem_of(problem), "/v2")
    assert msgspec.json.decode(answer.body) == {"error": text}
    assert answer.status == 400


@pytest.mark.parametrize("length", ["3", "-1", "x", "9" * 5000])
def test_a_length_that_does_not_fit_is_refused(length):
    headers = Headers({framing.HEADER: length})
    call = EnvironBuilder(method="POST", data=b"{}", headers=headers)
    with pytest.raises(DomainError, match="does not lie within the body of 2 bytes") as caught:
        framing.read(Request(call.get_environ()), 100)
    assert isinstance(caught.value, Unreadable)
