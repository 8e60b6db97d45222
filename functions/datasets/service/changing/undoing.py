"""Undo of a change, and restore of a revision."""

from functions.datasets.model.changing.change_views import ChangeView, view, view_of
from functions.datasets.model.changing.changes import LoggedChange
from functions.datasets.model.changing.changing import Task
from functions.datasets.model.dataset import DatasetPatch, Stored
from functions.datasets.model.made import digest_of
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.changing.later import check_known, check_untouched
from functions.datasets.service.changing.starter import Asked, Starter
from functions.datasets.service.looked_after import LookedAfter
from functions.datasets.service.ports import DatasetStore
from functions.datasets.service.schema_edits import EditedBy, SchemaEditor
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.ports import Clock
from functions.kit.service.lookout import Lookout


class Undoing:
    """Takes changes back; what it does is itself a change, which can be taken back."""

    def __init__(
        self,
        store: DatasetStore,
        changes: ChangeLog,
        starter: Starter,
        editor: SchemaEditor,
        lookout: Lookout,
        clock: Clock,
    ) -> None:
        self._store = store
        self._changes = changes
        self._starter = starter
        self._editor = editor
        self._looked_after = LookedAfter(store, lookout)
        self._clock = clock

    def undo(self, place: Place, revision: int | None, asked: Asked) -> ChangeView:
        """Take back the change that made a revision; the last one, by default.

        Raises:
            NotFound: there is no such dataset or revision.
            Conflict: a later change is of the same record, which is named; or the log does not
                know the change; or as `Starter.start`.
            Invalid: a record as it was does not fit the columns of today.
        """
        asked = asked._replace(digest=digest_of("undo", str(revision)))
        if (known := self._known(place, asked)) is not None:
            return known
        dataset = self._store.find_shown(place).dataset
        target = dataset.revision if revision is None else revision
        change = self._change(dataset, target)
        if change.kind == "schema":
            return self._undo_schema(dataset, change, asked)
        task = Task(kind="undo", target=target)
        return self._starter.start(place, task, asked, lambda seen: self._check(seen, target))

    def restore(self, place: Place, revision: int, asked: Asked) -> ChangeView:
        """Have all records as they were at a revision; raises as `undo`."""
        asked = asked._replace(digest=digest_of("restore", str(revision)))
        if (known := self._known(place, asked)) is not None:
            return known
        task = Task(kind="restore", target=revision)
        return self._starter.start(place, task, asked, lambda seen: self._reach(seen, revision))

    def view(self, place: Place, revision: int) -> ChangeView:
        """Return a change, done or under way; raises NotFound."""
        dataset = self._looked_after.find(place)
        found = self._changes.change(place, revision)
        if found is not None:
            return view(found)
        if dataset.change is not None and dataset.change.revision == revision:
            return view_of(dataset.change, self._clock.now())
        raise not_found("change", str(revision), place.name)

    def _known(self, place: Place, asked: Asked) -> ChangeView | None:
        """Return the change that the request made before, if it did; raises Conflict."""
        request = asked.request
        if request is None:
            return None
        made = self._store.change(place, lambda change: change.made(request))
        if made is None:
            return None
        asked.made(int(made.thing)).check(made)
        return self.view(place, int(made.thing))

    def _change(self, dataset: Stored, revision: int) -> LoggedChange:
        """Return the change that made a revision; raises NotFound, Conflict."""
        if not 0 < revision <= dataset.revision:
            raise not_found("revision", str(revision), dataset.id)
        if revision == 1:
            raise Conflict("Revision 1 is the upload itself; delete the dataset to undo that.")
        found = self._changes.change(dataset.place, revision)
        if found is None:
            raise Conflict(f"The log does not know the change that made revision {revision}.")
        return found

    def _check(self, dataset: Stored, target: int) -> None:
        check_known(self._changes, dataset, target)
        check_untouched(self._changes, dataset, target)

    def _reach(self, dataset: Stored, revision: int) -> None:
        if not 0 < revision <= dataset.revision:
            raise not_found("revision", str(revision), dataset.id)
        if revision == dataset.revision:
            raise Conflict(f"Dataset '{dataset.id}' is at revision {revision}.")
        check_known(self._changes, dataset, revision)

    def _undo_schema(self, dataset: Stored, change: LoggedChange, asked: Asked) -> ChangeView:
        """Give the schema and the name back that a change of them replaced."""
        [part] = self._changes.parts(dataset.place, change.revision - 1, change.revision)
        assert part.schema is not None
        before, after = part.schema
        if (dataset.name, dataset.columns) != (after.name, after.columns):
            raise Conflict(f"The schema has been changed since revision {change.revision}.")
        patch = DatasetPatch(name=before.name, columns=before.columns)
        origin = EditedBy(asked.by, change.revision, asked.request, asked.digest)
        edited = self._editor.edit(dataset.place, patch, asked.if_match, origin)
        return self.view(dataset.place, edited.revision)
