"""What functions say of refused values reads as people write."""

import pytest

from web.client.plain_words import plain


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Expected `int | null`, got `str`", "must be a whole number or nothing, not text"),
        ("Expected `float`, got `bool`", "must be a number, not true or false"),
        ("Expected `float` <= 120.0", "must be 120 or less"),
        ("Expected `float | null` >= 0.5", "must be 0.5 or more"),
        ("Expected `str` of length >= 1", "must have 1 or more characters"),
        ("Expected `array` of length <= 1000", "must have 1,000 or less entries"),
        ("Expected `str` matching regex '^[a-z]+$'", "is not of the form that it must have"),
        ("Expected `object`", "must be an object"),
        ("Object missing required field `rooms`", "rooms is missing"),
        ("Object contains unknown field `x`", "there is no field x"),
        ("Invalid enum value 'green'", "must not be 'green'"),
        (
            "Refused: row 1, column 'a': Expected `int`, got `str` (1 more in errors).",
            "Refused: row 1, column 'a': must be a whole number, not text (1 more in errors).",
        ),
        ("Row 3 has 2 cells; 4 are expected.", "Row 3 has 2 cells; 4 are expected."),
        ("", ""),
    ],
)
def test_a_sentence_of_a_decoder_is_put_into_words(said, read):
    assert plain(said) == read
