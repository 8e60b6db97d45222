"""What is known of a version since it was made, as far as its quality is held against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.parts import Where
from functions.kit.contract.models.signature import Signature


class Slice(msgspec.Struct, frozen=True):
    """A part of the data that the version's card tells of."""

    column: str
    part: str
    where: Where | None = None


T = TypeVar("T")
Intervals = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Known:
    """A version.

    Attributes:
        signature: its inputs and outputs.
        usual: between what each measure was on rows held out when it was made.
        slices: of its card, those that say which values they are of.
        expectation: by which measures are expected without labels; None where training kept none.
    """

    signature: Signature
    usual: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    slices: tuple[Slice, ...] = ()
    expectation: Expectation | None = None


def known_of(signature: Signature, evaluation: Mapping[str, Any]) -> Known:
    """Return what is known of a version with this evaluation, of whatever release.

    Whoever registers a version says there what they like: a part of another shape is left out.
    """
    found: list[Slice] = _part(evaluation, "slices", list[Slice], [])
    intervals: Intervals = _part(evaluation, "intervals", Intervals, {})
    expectation = _part(evaluation, "expectation", Expectation | None, None)
    slices = tuple(one for one in found if one.where is not None)
    return Known(signature, intervals, slices, expectation)


def _part(evaluation: Mapping[str, Any], name: str, kind: Any, without: T) -> T:
    try:
        found: T = msgspec.convert(evaluation.get(name, without), kind)
    except msgspec.ValidationError:
        return without
    return found
