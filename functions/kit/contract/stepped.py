"""Things that steps work at: what is due for one follows from its document, and from nothing else.

A function says what its things are by a `Kind`, and has a `SteppedStore` of them: in Firestore
(`adapters/steps/stepped_documents`), and in memory (`adapters/steps/memory_stepped`).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.steps import Lease, Step


class Due(NamedTuple):
    """A step, and the time that it waits for; None for now."""

    step: Step
    at: dt.datetime | None = None


def due_now(steps: Iterable[Step]) -> list[Due]:
    """Return steps as they are due at once."""
    return [Due(step) for step in steps]


def turned(was: Sequence[Due], now: Sequence[Due]) -> tuple[list[Step], list[Due]]:
    """Return the steps that end where others are due than were, and what begins.

    One that is due still, but waits for another time, begins anew: who has it has it no more.
    """
    still = {one.step for one in now}
    return [one.step for one in was if one.step not in still], [
        one for one in now if one not in was
    ]


class Stepped(Protocol):
    """What a store must know of a thing by itself."""

    @property
    def id(self) -> str:
        """Its name in its workspace."""

    @property
    def place(self) -> Place:
        """Where it is."""

    @property
    def created_at(self) -> dt.datetime:
        """When it was made, which lists are ordered by."""


T = TypeVar("T", bound=Stepped)


class Kind(msgspec.Struct, Generic[T], frozen=True):
    """What a store must know of all things of a kind.

    Attributes:
        noun: what one is called.
        collection: that they are documents of, in each workspace.
        type: of one, a msgspec.Struct: a document has its fields.
        due: the steps that are due for one.
        list_of: the names of the list that it stands in, as of its model; none for no list.
        open_of: whose it counts as open; empty for nobody's.
        kept_of: whose it counts as kept, where a bound is on these; empty for nobody's.
        lists: by name, further lists that it may stand in, each as `list_of`; a name is that of no
            field of `type`.
    """

    noun: str
    collection: str
    type: "type[T]"
    due: Callable[[T], Sequence[Due]]
    list_of: Callable[[T], Sequence[str]]
    open_of: Callable[[T], str]
    kept_of: Callable[[T], str] | None = None
    lists: Mapping[str, Callable[[T], Sequence[str]]] = {}


class SteppedStore(Protocol[T]):
    """Keeps things, and with each change of one the steps that are due for it."""

    def create(self, thing: T) -> bool:
        """Add one; False when there is one of its id already, which stays as it is."""

    def find(self, place: Place) -> T | None:
        """Return one, or None."""

    def load(self, place: Place) -> T:
        """Return one; raises NotFound."""

    def update(self, place: Place, change: Callable[[T], T], lease: Lease | None = None) -> T:
        """Apply `change` in one transaction and return what it made.

        `change` may run several times, and may return its argument to change nothing.

        Raises:
            NotFound: there is no such thing.
            Superseded: `lease` is given, and its step is not ours any more.
        """

    def restore_steps(self, place: Place) -> T:
        """Write those steps that are due and not kept; raises NotFound."""

    def remove(self, place: Place, lease: Lease) -> None:
        """Remove one and what is due for it; raises Superseded."""

    def page(
        self, workspace: str, of: Sequence[str], limit: int, after: str | None, by: str = ""
    ) -> list[T]:
        """Return at most `limit` of the list `of` (`Kind.list_of`), newest first.

        With `after`, an id, those behind that one; `by` names one of `Kind.lists` instead, in which
        that one may stand no longer.

        Raises:
            Unreadable: that one is not in the list, or is gone.
        """

    def count(self, workspace: str, values: Mapping[str, str]) -> int:
        """Count those whose fields have these values; nothing of them is read."""

    def open(self, workspace: str, owner: str, most: int) -> int:
        """Count an owner's open things (`Kind.open_of`), no further than `most`.

        Nobody's are not counted: of an empty owner there are none.
        """

    def kept(self, workspace: str, owner: str, most: int) -> int:
        """Count what an owner has kept (`Kind.kept_of`), as `open` does."""
