"""What callers of the protocol are told of an error."""

import msgspec
import pytest
from flask import Request

from functions.kit.problems import Flaw, refused, unprocessable
from functions.prediction.protocol import framing

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
            unprocessable("No.", EARLY, LATE),
            "No. row 2, column 'age': Expected `int`; row 5, column 'age': Expected `int`",
        ),
    ],
)
def test_each_flaw_is_told_once(problem, text):
    answer = framing.error(problem, Request({}))
    assert msgspec.json.decode(answer.get_data()) == {"error": text}
    assert answer.status_code == 400
