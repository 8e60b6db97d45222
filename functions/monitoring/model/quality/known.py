"""What is known of a version since it was made, as far as its quality is held against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from functions.kit.contract.measures.expectation.expected import Expectation
from functions.kit.contract.measures.parts import Where
from functions.kit.contract.models.signature import Signature


class Slice(msgspec.Struct, frozen=True):
    """A part of the data that the version's card tells of."""

    column: str
    part: str
    where: Where | None = None


class _Evaluation(msgspec.Struct):
    """What is read of a version's evaluation; older ones have less."""

    intervals: dict[str, tuple[float, float]] = {}
    slices: list[Slice] = []
    expectation: Expectation | None = None


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
    """Return what is known of a version with this evaluation, of whatever release."""
    found = msgspec.convert(evaluation, _Evaluation)
    slices = tuple(one for one in found.slices if one.where is not None)
    return Known(signature, found.intervals, slices, found.expectation)
