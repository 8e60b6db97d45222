"""Plans in Firestore: `plans/{name}`."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.kit.adapters.access.firestore_quotas import find_plan
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE, client, transact
from functions.kit.adapters.stores.google_clients import firestore
from functions.kit.contract.access.accounts import ACCOUNTS
from functions.kit.contract.access.plans import PLANS, Plan, plan_in_use


class FirestorePlans:
    """The PlanStore whose plans are documents."""

    find = staticmethod(find_plan)

    @translated()
    def page(self, after: str | None, most: int) -> Sequence[Plan]:
        """See PlanStore."""
        query = client().collection(PLANS).order_by("name").limit(most)
        if after is not None:
            query = query.start_after({"name": after})
        return [msgspec.convert(one.to_dict(), Plan) for one in query.stream(**PATIENCE)]

    @translated()
    def put(self, plan: Plan) -> None:
        """See PlanStore."""
        _reference(plan.name).set(msgspec.to_builtins(plan), **PATIENCE)

    def delete(self, name: str, *, held: bool) -> bool:
        """See PlanStore."""
        reference = _reference(name)
        who = client().collection(ACCOUNTS).where(filter=firestore.FieldFilter("plan", "==", name))

        def work(transaction: Any) -> bool:
            if not reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            if held and list(who.limit(1).stream(transaction=transaction, **PATIENCE)):
                raise plan_in_use(name)
            transaction.delete(reference)
            return True

        return transact(work)


def _reference(name: str) -> Any:
    return client().collection(PLANS).document(name)
