"""A log of the changes that a DatasetStore in memory makes, as the read model asks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from functions.datasets.adapters.memory_datasets import MemoryDatasets
from functions.datasets.model.dataset import Record
from functions.datasets.service.ports import Change
from functions.kit.contract.workspaces import Place

T = TypeVar("T")


class Head(NamedTuple):
    """Which revision a change made."""

    revision: int


class Edit(NamedTuple):
    """What a change made of one record."""

    id: str
    version: int
    after: Any


@dataclass
class Part:
    """What one change made of which records."""

    change: Head
    edits: list[Edit] = field(default_factory=list)
    rows: tuple[int, int] | None = None


class _Noting:
    """A Change whose edits are noted."""

    def __init__(self, change: Change, edits: list[Edit]) -> None:
        self._change = change
        self._edits = edits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._change, name)

    def put(self, record: Record) -> None:
        self._edits.append(Edit(record.id, record.version, record.values))
        self._change.put(record)

    def remove(self, record_id: str) -> None:
        self._edits.append(Edit(record_id, 0, None))
        self._change.remove(record_id)


class MemoryLog:
    """Notes what each change of a store makes of records, once it is written.

    Attributes:
        kept: by place, the parts of all changes.
        is_on: it notes; off, it is as a release that had no log.
    """

    def __init__(self) -> None:
        self.kept: dict[Place, list[Part]] = {}
        self.is_on = True

    def watch(self, store: MemoryDatasets) -> None:
        """Note the changes of a store from now on."""
        genuine = store.change

        def change(place: Place, work: Callable[[Change], T]) -> T:
            part = Part(Head(0))

            def noting(one: Change) -> T:
                before = one.dataset.revision
                result = work(_Noting(one, part.edits))
                part.change = Head(one.dataset.revision if one.dataset.revision > before else 0)
                return result

            result = genuine(place, noting)
            if self.is_on and part.change.revision:
                self.kept.setdefault(place, []).append(part)
            return result

        vars(store)["change"] = change

    def parts(self, place: Place, after: int, upto: int) -> Iterator[Part]:
        """See ChangeParts."""
        found = [one for one in self.kept.get(place, []) if after < one.change.revision <= upto]
        return iter(sorted(found, key=lambda one: one.change.revision))
