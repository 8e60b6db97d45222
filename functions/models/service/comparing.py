"""Compares versions, and promotes those alone that are better."""

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Bucket
from functions.kit.contract.requests.conditions import IfMatch
from functions.models.model import aliases
from functions.models.model.comparisons import (
    Compared,
    IfBetter,
    Promoted,
    check_better,
    compare,
    promoted,
)
from functions.models.service.registry import Service

# How often versions are compared anew when the alias comes to name another meanwhile.
ATTEMPTS = 3


class Comparing:
    """Compares versions by what they predict for the same rows, which neither was fitted on."""

    def __init__(self, service: Service, files: Bucket) -> None:
        self._service = service
        self._files = files

    def compare(self, place: Place, a: int, b: int, measure: str | None = None) -> Compared:
        """Return how version `b` compares with `a`.

        Raises:
            NotFound: there is no such model or version.
            Unreadable: there is no such measure for their task.
            Conflict: they cannot be compared.
            Gone: what they predicted is not as it was registered.
        """
        self._service.model(place)
        first, second = (self._service.version(place, str(one)) for one in (a, b))
        return compare(self._files.read, first, second, measure)

    def promote(
        self,
        place: Place,
        alias: str,
        version: int,
        condition: IfBetter,
        caller: Caller,
        if_match: IfMatch,
        reason: str = "",
    ) -> Promoted:
        """Let `alias` name `version` if it is better; raises as `compare`, and Stale, Invalid."""
        for _ in range(ATTEMPTS):
            model = self._service.model(place)
            than = aliases.aliased(model, condition.than)
            if than == version:
                raise Conflict(f"Version {version} is what '{condition.than}' names already.")
            found = self.compare(place, than, version, condition.measure)
            check_better(found, condition.margin)
            over = (condition.than, than)
            after = self._service.promote_over(
                place, alias, version, over, found.text, caller, if_match, reason
            )
            if after is not None:
                return promoted(after, found.text)
        raise Conflict(f"'{condition.than}' of '{place.name}' keeps changing; try again.")
