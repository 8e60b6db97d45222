"""Lists of models and versions: those alone that are asked for, in pages."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.signature import Task
from functions.kit.contract.requests.lists import Listed, ListQuery, every
from functions.kit.contract.requests.pages import Page, cursor_after
from functions.models.model.version_lists import VersionSummary

T = TypeVar("T")

# How many are looked at for one page: it may hold fewer than its limit, and have a next one.
SCAN = 2_000
READ = 200


class ModelsQuery(ListQuery):
    """Which models: those alone of a task, a target, an owner's (an account's id), with a tag."""

    task: Task | None = None
    target: str | None = None
    owner: str | None = None
    tag: str | None = None

    def holds(self, model: Model) -> bool:
        """Tell whether a model is asked for."""
        return _alike(self, model, ("task", "target", "owner")) and _tagged(self.tag, model.tags)


class VersionsQuery(ListQuery):
    """Which versions: those alone of an algorithm, a dataset, a job, a line, or with a tag."""

    algorithm: str | None = None
    dataset: str | None = None
    job: str | None = None
    line: int | None = None
    tag: str | None = None

    def holds(self, version: VersionSummary) -> bool:
        """Tell whether a version is asked for."""
        fields = ("algorithm", "dataset", "job", "line")
        return _alike(self, version, fields) and _tagged(self.tag, version.tags)


MODELS: Listed[Model] = Listed(
    key=lambda one: one.name,
    texts=lambda one: (one.name, one.target, one.note, *one.tags, *one.aliases),
    orders={
        "name": lambda one: one.name.casefold(),
        "task": lambda one: one.task,
        "latest": lambda one: one.latest,
        "created_at": lambda one: one.created_at,
        "updated_at": lambda one: one.updated_at,
    },
)
VERSIONS: Listed[VersionSummary] = Listed(
    key=lambda one: str(one.version),
    texts=lambda one: (f"v{one.version}", one.algorithm, one.dataset, one.note, *one.tags),
    orders={
        "version": lambda one: one.version,
        "algorithm": lambda one: one.algorithm,
        "dataset": lambda one: (one.dataset, one.revision),
        "created_at": lambda one: one.created_at,
    },
)


def _alike(query: msgspec.Struct, thing: msgspec.Struct, fields: tuple[str, ...]) -> bool:
    asked = {name: getattr(query, name) for name in fields}
    return all(value is None or getattr(thing, name) == value for name, value in asked.items())


def _tagged(tag: str | None, tags: list[str]) -> bool:
    return tag is None or tag in tags


def page_where(
    read: Callable[[int, str | None], list[T]],
    holds: Callable[[T], bool],
    listed: Listed[T],
    query: ListQuery,
) -> Page[T]:
    """Return a page of what is asked for.

    Args:
        read: gives so many at most, in order, of those behind a key.
        holds: tells whether one is asked for.
        listed: how they are listed.
        query: says how many, and where to go on.

    Raises:
        Unreadable: the cursor or the order is not ours.
    """
    if not query.plain:
        return listed.page(filter(holds, every(read, listed.key)), query)
    items: list[T] = []
    last, looked = query.after, 0
    while looked < SCAN:
        wanted = min(READ, query.limit) + 1
        found = read(wanted, last)
        for one in found:
            if len(items) == query.limit and last is not None:
                return Page(items, cursor_after(last))
            last, looked = listed.key(one), looked + 1
            if holds(one):
                items.append(one)
        if len(found) < wanted:
            return Page(items)
    return Page(items, None if last is None else cursor_after(last))
