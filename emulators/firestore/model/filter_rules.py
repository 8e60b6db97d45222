"""Which filters stand together: what the real service refuses, in its order and its words.

Where the words come from is in `tests/unit/emulators/firestore/test_query_refusals.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.fields import NAME, FieldPath

if TYPE_CHECKING:
    from emulators.firestore.model.filters import Comparison, Filter

MAX_DISJUNCTIONS = 30
_MOST_COUNTED = 2**31 - 1  # there is no end to what a product of disjunctions comes to
_MAX_INEQUALITY_FIELDS = 10
_MAX_COMPONENTS = 100
_NEGATIONS = frozenset(("NOT_EQUAL", "NOT_IN", "IS_NOT_NAN", "IS_NOT_NULL"))
_EQUALITIES = frozenset(("EQUAL", "IN"))


def check(where: Filter) -> None:
    """Refuse filters that do not stand together.

    Raises:
        InvalidArgumentError: They do not.
    """
    operators = [one.operator for one in where.comparisons()]
    _check_negations(operators, has_or=where.has_or)
    disjunctions, _ = where.size()
    if disjunctions > MAX_DISJUNCTIONS:
        raise InvalidArgumentError(
            "Too many disjunctions after normalization. Result had "
            f"{min(disjunctions, _MOST_COUNTED)} disjunctions which is more than the maximum of "
            f"{MAX_DISJUNCTIONS}"
        )
    for choice in where.alternatives():
        _check_arrays(choice)
    _check_inequalities(where)


def check_size(where: Filter, orders: int, *, below_document: bool) -> None:
    """Refuse a query of too many parts.

    Args:
        where: Its filter; each of its disjunctions counts.
        orders: How many orders the query names.
        below_document: Whether its collection is that of a document, not of the root.
    """
    _, filters = where.size()
    if filters + orders + below_document > _MAX_COMPONENTS:
        raise InvalidArgumentError(
            f"The query may not have more than {_MAX_COMPONENTS} filters + sort orders + ancestor "
            f"total. Currently there are {filters} filters, {orders} sort orders, and "
            f"{'one' if below_document else 'no'} ancestor filter."
        )


def inequality_fields(where: Filter) -> list[FieldPath]:
    """Return the fields with a range, an inequality or a negation, each once, in order."""
    found = {one.path for one in where.comparisons() if one.is_inequality}
    return sorted(found, key=field_paths.format_path)


def _check_negations(operators: list[str], *, has_or: bool) -> None:
    if sum(one in _NEGATIONS for one in operators) > 1:
        raise InvalidArgumentError(
            "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed "
            "per query."
        )
    if "NOT_IN" in operators and (has_or or not {"IN", "ARRAY_CONTAINS_ANY"}.isdisjoint(operators)):
        raise InvalidArgumentError(
            "'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'."
        )


def _check_arrays(choice: tuple[Comparison, ...]) -> None:
    """Refuse two conditions on elements of arrays, of either kind, in the same disjunction."""
    if sum(one.on_elements for one in choice) > 1:
        raise InvalidArgumentError(
            "A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction."
        )


def _check_inequalities(where: Filter) -> None:
    fields = inequality_fields(where)
    if len(fields) > _MAX_INEQUALITY_FIELDS:
        listed = ", ".join(map(field_paths.format_path, fields))
        raise InvalidArgumentError(
            f"The query contains {len(fields)} distinct inequality fields: [{listed}]. "
            f"A query may not have more than {_MAX_INEQUALITY_FIELDS} distinct inequality fields."
        )
    pinned = any(one.path == NAME and one.operator in _EQUALITIES for one in where.comparisons())
    if pinned and fields and NAME not in fields:
        raise InvalidArgumentError(
            "Equality on key is not allowed if there are other inequality fields and key does not "
            "appear in inequalities."
        )
