"""The parameters of a list or an export, read against the columns that there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.datasets.model.queries import filters, order, where
from functions.datasets.model.queries.order import Key
from functions.datasets.model.queries.where import Compared, Every, Expression
from functions.kit.contract.records.columns import Column

ALL = Every(())
"""The condition that every record meets."""


@dataclass(frozen=True)
class Asked:
    """What a caller sends, as it is sent.

    Attributes:
        filters: `age>=30`, each; all are to hold.
        where: conditions as JSON; they are to hold, too.
        sort: columns, `-age,name`.
    """

    filters: Sequence[str] = ()
    where: str | None = None
    sort: str | None = None


@dataclass(frozen=True)
class Query:
    """Which records, in which order: by `keys`, then by id."""

    where: Expression = ALL
    keys: tuple[Key, ...] = ()


def read(asked: Asked, columns: Sequence[Column]) -> Query:
    """Return what is asked for; raises Unreadable, naming the place."""
    parts: list[Expression] = [Compared(one) for one in filters.parse(asked.filters, columns)]
    if asked.where is not None:
        parts.append(where.read(asked.where, columns))
    return Query(Every(tuple(parts)) if parts else ALL, order.keys(asked.sort, columns))
