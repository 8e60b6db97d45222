"""Plans in memory, for tests without Firestore."""

from collections.abc import Sequence

from functions.kit.contract.access.plans import Plan, plan_in_use, plan_of


class MemoryPlans:
    """The PlanStore of one process.

    Attributes:
        held: the plans that accounts have.
    """

    def __init__(self) -> None:
        self.held: set[str] = set()
        self._stored: dict[str, Plan] = {}

    def find(self, name: str) -> Plan | None:
        """See PlanStore."""
        return self._stored.get(name) or plan_of(name, None)

    def page(self, after: str | None, most: int) -> Sequence[Plan]:
        """See PlanStore."""
        names = sorted(name for name in self._stored if name > (after or ""))
        return [self._stored[name] for name in names[:most]]

    def put(self, plan: Plan) -> None:
        """See PlanStore."""
        self._stored[plan.name] = plan

    def delete(self, name: str, *, held: bool) -> bool:
        """See PlanStore."""
        if name in self._stored and held and name in self.held:
            raise plan_in_use(name)
        return self._stored.pop(name, None) is not None
