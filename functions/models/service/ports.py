"""What the registry needs of the store of models.

`store.py` gives it, and `memory_store.py` does in memory; the same tests run over both
(`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model, Registration, Version
from functions.models.model.aliases import Change, Changed
from functions.models.model.counting import Sums
from functions.models.model.standing import Seen
from functions.models.model.version_lists import VersionSummary

# A model as it is → as it shall be, with a line of its history; None to leave it.
Decide = Callable[[Model], Changed | None]
# As above, for a model that may be new, and the newest of its versions that is there; with the line
# that the next version is of.
Start = Callable[[Model | None, Version | None], tuple[Changed, int]]
# A model and a version as they are -> as they shall be; None to leave them.
Edit = Callable[[Model, Version], tuple[Changed, Version] | None]
# A model and what was counted of an alias's traffic -> the sums as they shall be, and the model;
# None to leave both.
Count = Callable[[Model, Sums | None], tuple[Sums, Changed | None] | None]


class KeptAside(Exception):  # noqa: N818 - reads as what it says
    """A model of that name was taken away, and is kept: purge it, or have it back."""


class ModelStore(Protocol):
    """Keeps models, their versions and their history; every change is one transaction.

    A workspace's models are apart from those of all others, whatever their names are.
    """

    def model(self, place: Place) -> Model:
        """Return a model; raises NotFound."""

    def models(self, workspace: str, limit: int, after: str | None) -> list[Model]:
        """Return at most `limit` models of a workspace by name, those behind `after`."""

    def version(self, place: Place, version: int) -> Version:
        """Return a version; raises NotFound."""

    def versions(self, place: Place, limit: int, below: int | None) -> list[VersionSummary]:
        """Return at most `limit` versions, newest first, those below number `below`."""

    def file_paths(self, place: Place) -> list[str]:
        """Return the paths of the files of a model's versions, also of those taken away."""

    def history(self, place: Place, limit: int, below: int | None) -> list[tuple[int, Change]]:
        """Return at most `limit` changes with their model revisions, newest first."""

    def register(
        self,
        place: Place,
        registration: Registration,
        start: Start,
        request: str | None = None,
    ) -> tuple[Version, bool]:
        """Add a version; return it, and whether it is new: a request or a job has one version.

        Args:
            place: where the model is, or will be.
            registration: what the version is.
            start: is given the model, or None for the first version, and its newest version.
            request: the id of the request (`idempotency.id_of`), if it has one.

        Raises:
            KeptAside: a model of its name was taken away, and is kept.
        """

    def change(self, place: Place, decide: Decide, gone: int | None = None) -> Model:
        """Apply what `decide` makes of the model, and take version `gone` away with it.

        `decide` may run several times. A version that is taken away is kept aside, see `put_back`.

        Raises:
            NotFound: there is no such model.
            Exception: what `decide` raises; nothing was changed.
        """

    def edit(self, place: Place, version: int, edit: Edit) -> Version:
        """Apply what `edit` makes of a version and its model; return the version.

        Raises:
            NotFound: there is no such model or version.
            Exception: what `edit` raises; nothing was changed.
        """

    def sums(self, place: Place, alias: str) -> Sums | None:
        """Return what was counted of an alias's traffic last, if anything was."""

    def count(self, place: Place, alias: str, count: Count) -> None:
        """Apply what `count` makes of an alias's sums, and of the model.

        `count` may run several times.

        Raises:
            NotFound: there is no such model.
        """

    def put_back(self, place: Place, version: int, decide: Decide) -> Model:
        """Have a version back that was taken away, with what `decide` makes of the model.

        Raises:
            NotFound: there is no such model, or the version is not kept (any more).
            Exception: what `decide` raises; nothing was changed.
        """

    def delete(self, place: Place, decide: Decide) -> None:
        """Take a model away with all beneath it at once, as `decide` makes it; it is kept aside.

        Raises:
            NotFound: there is no such model.
            Exception: what `decide` raises; nothing was changed.
        """

    def restore(self, place: Place, decide: Decide) -> Model:
        """Have a model back that was taken away, as `decide` makes it.

        Raises:
            NotFound: it is not kept (any more).
            Conflict: there is a model of its name.
        """

    def kept_aside(self, workspace: str, before: dt.datetime | None = None) -> list[Place]:
        """Return some models that were taken away, those alone that were so before a moment."""

    def purge(self, place: Place) -> list[str]:
        """Remove a model for good that was taken away; return the paths of its files."""

    def purge_versions(self, place: Place, before: dt.datetime) -> list[str]:
        """Remove the versions for good that were taken away before a moment; as `purge`."""


class SeenStore(Protocol):
    """Keeps what replicas told of versions."""

    def seen(self, place: Place, versions: Sequence[int]) -> dict[int, Seen]:
        """Return what is known of some versions; those that are not among them were never told of.

        Raises:
            Away: it cannot be read now.
        """

    def note(self, place: Place, version: int, change: Callable[[Seen], Seen]) -> None:
        """Apply `change` to what is known of a version, if there is one; it may run several times.

        Raises:
            Away, NoRoom: it cannot be written now.
        """
