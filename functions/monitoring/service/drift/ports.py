"""What comparing windows needs of the world."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from functions.kit.contract.access.workspaces import Place
from functions.monitoring.model.drift.comparison import Kept
from functions.monitoring.model.drift.reasons import Contributions
from functions.monitoring.model.windows.window import Monitored


class ExplainsMany(Protocol):
    """Tells what columns did for many predictions."""

    def contributions(
        self, of: Monitored, records: Sequence[Mapping[str, Any]]
    ) -> list[Contributions]:
        """Return it for each record, by the version's file alone; raises DomainError."""


class Comparisons(Protocol):
    """How models' windows are compared."""

    def find(self, model: Place) -> Kept | None:
        """Return what somebody said of a model's; None where nobody did. Raises Away."""

    def keep(self, model: Place, kept: Kept) -> None:
        """Keep it in the place of what was. Raises Away."""
