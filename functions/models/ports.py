"""What the registry needs of the store of models.

`store.py` gives it, and `memory_store.py` does in memory; the same tests run over both
(`tests/integration/functions/ports`).
"""

from collections.abc import Callable
from typing import Protocol

from functions.kit.contract.registration import Model, Registration, Version
from functions.kit.contract.workspaces import Place
from functions.models.aliases import Change, Changed
from functions.models.version_lists import VersionSummary

# A model as it is → as it shall be, with a line of its history; None to leave it.
Decide = Callable[[Model], Changed | None]
# As above, for a model that may be new.
Start = Callable[[Model | None], Changed]


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
        """Return the paths of the files of a model's versions; none when there is no model."""

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
            start: is given the model, or None for the first version.
            request: the id of the request (`idempotency.id_of`), if it has one.
        """

    def change(self, place: Place, decide: Decide, gone: int | None = None) -> Model:
        """Apply what `decide` makes of the model, and take version `gone` away with it.

        `decide` may run several times.

        Raises:
            NotFound: there is no such model.
            Exception: what `decide` raises; nothing was changed.
        """

    def delete(self, place: Place, allow: Callable[[Model], None]) -> list[str]:
        """Remove a model with all beneath it at once; return the paths of its files.

        Raises:
            NotFound: there is no such model.
            Exception: what `allow` raises; nothing was removed.
        """
