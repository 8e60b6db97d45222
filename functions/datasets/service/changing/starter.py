"""Begins a change of many records: a small one is done at once, a larger one becomes steps."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from functions.datasets.model.changing.change_views import ChangeView, logged, view, view_of
from functions.datasets.model.changing.changes import Edit, encoded, parts_of, to_record_after
from functions.datasets.model.changing.changing import Changing, Task
from functions.datasets.model.dataset import Stored
from functions.datasets.model.made import Made
from functions.datasets.service.changing.changer import Changer
from functions.datasets.service.changing.plans import Look, Stores, plan_of
from functions.datasets.service.ports import Change, DatasetStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.conditions import IfMatch

# What is done before the answer: one commit, after a look at so many records.
EDITS = 400
BYTES = 2 * 1024 * 1024
LOOKS = 20_000
# How often a change is planned anew when records change meanwhile.
ATTEMPTS = 5


class Asked(NamedTuple):
    """Who asks for a change, and on what condition.

    Attributes:
        by: the account's id.
        if_match: of the dataset's revision.
        request: the id of a request that may be sent again; None for one that is new each time.
        digest: of what it asks for.
    """

    by: str
    if_match: IfMatch
    request: str | None = None
    digest: str = ""

    def made(self, revision: int) -> Made:
        """Return the note that the request made a revision."""
        return Made(self.request or "", str(revision), self.digest)


class Starter:
    """Begins changes of many records."""

    def __init__(self, store: DatasetStore, stores: Stores, changer: Changer, clock: Clock) -> None:
        self._store = store
        self._stores = stores
        self._changer = changer
        self._clock = clock

    def start(
        self, place: Place, task: Task, asked: Asked, check: Callable[[Stored], None] | None = None
    ) -> ChangeView:
        """Change records, or begin to; all of it is seen at once, as one new revision.

        Args:
            place: of the dataset.
            task: what is to be made of which records.
            asked: by whom, and on what condition.
            check: refuses by what the dataset is; called again when it was changed meanwhile.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready, being changed, or its rows keep changing.
            Stale: the caller saw an older revision.
            Invalid: what a record would become cannot be.
        """
        for _ in range(ATTEMPTS):
            seen, _, moment = self._store.find_shown(place)
            seen.check_match(asked.if_match)
            seen.check_free()
            if check is not None:
                check(seen)
            edits = small(plan_of(task, seen, self._stores).looks("", moment))
            if edits == [] and task.kind == "bulk":
                return self._nothing(seen, task, asked)
            begun = self._begin(seen, task, asked, edits)
            if begun is not None:
                return begun
        raise Conflict(f"The rows of '{place.name}' keep changing; try again in a moment.")

    def _begin(
        self, seen: Stored, task: Task, asked: Asked, edits: list[Edit] | None
    ) -> ChangeView | None:
        """Write the change, or that it goes on in steps; None when others came first."""

        def work(change: Change) -> ChangeView | None:
            dataset = change.dataset
            if not dataset.is_still(seen) or dataset.work != "ready":
                return None
            if asked.request is not None:
                change.note(asked.made(seen.revision + 1))
            changing = Changing(revision=seen.revision + 1, by=asked.by, task=task)
            if edits is not None:
                return self._at_once(change, changing, edits)
            dataset.change = changing
            return view_of(changing, self._clock.now())

        begun = self._store.change(seen.place, work)
        if begun is not None and begun.state == "running":
            self._changer.ask(seen.place)
        return begun

    def _at_once(self, change: Change, changing: Changing, edits: list[Edit]) -> ChangeView:
        now = self._clock.now()
        changing.records = len(edits)
        for edit in edits:
            if edit.after is None:
                change.remove(edit.id)
            else:
                change.put(to_record_after(edit))
        head = logged(changing, now)
        for part in parts_of(head, edits):
            change.log(part)
        change.dataset.grow(sum(edit.growth for edit in edits))
        change.dataset.revise(now)
        return view(head)

    def _nothing(self, seen: Stored, task: Task, asked: Asked) -> ChangeView:
        """Answer that nothing was to be changed: no revision is made."""
        changing = Changing(revision=seen.revision, by=asked.by, task=task)
        return view(logged(changing, self._clock.now()))


def small(looks: Iterator[Look]) -> list[Edit] | None:
    """Return all edits of a plan, or None where it is too much for one commit."""
    edits: list[Edit] = []
    size = 0
    for look in islice(looks, LOOKS):
        if look.edit is not None:
            edits.append(look.edit)
            size += len(encoded([look.edit]))
        if len(edits) > EDITS or size > BYTES:
            return None
    return edits if next(looks, None) is None else None
