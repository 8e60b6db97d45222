"""What quality needs of the world."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from functions.kit.contract.models.signature import Signature
from functions.monitoring.model.quality.known import Known
from functions.monitoring.model.quality.rows import Rows
from functions.monitoring.model.windows.window import Monitored

if TYPE_CHECKING:
    import pyarrow as pa

ReadRows = Callable[[Signature, "pa.Table"], Rows]
"""A version's signature, and a table of its predictions with their labels → arrays."""


class Versions(Protocol):
    """The registered versions."""

    def known(self, of: Monitored) -> Known | None:
        """Return what is known of a version; None where it is no more. Raises Away."""
