"""Batches: bounded by size and by number, in order, nothing lost."""

from collections.abc import Iterator

import pytest

from functions.kit.contract.batches import batches


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ([], []),
        ([1, 2, 3], [[1, 2, 3]]),
        ([5, 5, 1], [[5, 5], [1]]),
        ([11, 1, 11], [[11], [1], [11]]),
        ([1, 1, 1, 1, 1], [[1, 1, 1, 1], [1]]),
    ],
)
def test_a_batch_ends_before_it_is_too_large(sizes: list[int], parts: list[list[int]]) -> None:
    assert list(batches(sizes, lambda size: size, most_size=10, most=4)) == parts


def test_without_a_bound_the_number_does_not_matter() -> None:
    assert [len(part) for part in batches(range(999), lambda _: 0, most_size=1)] == [999]


def test_a_batch_is_given_before_what_follows_it_is_asked_for() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise OSError("the source broke off")

    found = batches(items(), lambda _: 1, most_size=1)
    assert next(found) == [1]
    with pytest.raises(OSError, match="broke off"):
        next(found)
