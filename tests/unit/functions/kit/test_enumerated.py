"""A word that is none of some: the error says which there are."""

from typing import Annotated, Any, Literal

import msgspec
import pytest

from functions.kit.contract.errors import Invalid
from functions.kit.contract.records.columns import Column, record_type
from functions.kit.contract.requests.decoding import flaw
from functions.kit.http.requests import bodies

Way = Literal["left", "right"]


class Step(msgspec.Struct):
    way: Way | None = None


class Walk(msgspec.Struct, rename={"first": "first.step"}):
    first: Step | None = None
    steps: list[Step] = []
    ways: dict[str, Annotated[Way, msgspec.Meta(description="where to")]] = {}
    way: Way | int = 0


@pytest.mark.parametrize(
    ("body", "column"),
    [
        ({"way": "up"}, "way"),
        ({"first.step": {"way": "up"}}, "first.step.way"),
        ({"steps": [{}, {"way": "up"}]}, "steps[1].way"),
        ({"ways": {"home": "up"}}, "ways[...]"),
    ],
)
def test_the_words_of_a_place_are_told(body: Any, column: str) -> None:
    with pytest.raises(Invalid) as caught:
        bodies.decode(msgspec.json.encode(body), msgspec.json.Decoder(Walk))
    [found] = caught.value.flaws
    assert (found.column, found.reason) == (
        column,
        "Invalid enum value 'up'; there are left, right",
    )


def test_of_many_words_the_first_are_told() -> None:
    kind = record_type([Column("town", "category", levels=[f"t{n:02d}" for n in range(30)])])
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"town": "x"}', type=kind)
    told = flaw(caught.value, kind=kind).reason
    assert told.startswith("Invalid enum value 'x'; there are t00, t01,")
    assert told.endswith("t19 and 10 more")


def test_other_errors_stay_as_they_are() -> None:
    with pytest.raises(Invalid, match="Expected `object`, got `int`"):
        bodies.decode(b'{"steps": [1]}', msgspec.json.Decoder(Walk))
