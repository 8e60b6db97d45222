"""Quotas' ledgers in Firestore, `quotas/{account}`, and the plans, `plans/{name}`."""

from typing import Any

import msgspec

from functions.kit.adapters.stores.client_errors import PART_AWAY, reads_away, translated
from functions.kit.adapters.stores.firestore import PATIENCE, client, transact
from functions.kit.contract.access import quotas
from functions.kit.contract.access.plans import PLANS, Plan, plan_of
from functions.kit.contract.access.quotas import QUOTAS, Answer, Ask, Ledger
from functions.kit.contract.errors import Away

# Seconds: predictions wait for it.
TIMEOUT = 2.0


class FirestoreLedgers:
    """The Ledgers that all replicas share; their clock is Firestore's, by what it says of reads."""

    def lease(self, account: str, ask: Ask) -> Answer:
        """See Ledgers."""
        reference = _reference(account)

        def work(transaction: Any) -> Answer:
            snapshot = reference.get(transaction=transaction, timeout=TIMEOUT, retry=None)
            now = snapshot.read_time.timestamp()
            before = _ledger(snapshot)
            after, answer = quotas.lease(before, ask, now)
            if after != before:
                transaction.set(reference, msgspec.to_builtins(after))
            return answer

        return transact(work)

    @translated()
    def used(self, account: str) -> int:
        """See Ledgers."""
        snapshot = _reference(account).get(**PATIENCE)
        return quotas.used(_ledger(snapshot), snapshot.read_time.timestamp())


def find_plan(name: str) -> Plan | None:
    """Return the plan of a name, or None; raises Away."""
    try:
        found = client().collection(PLANS).document(name).get(timeout=TIMEOUT, retry=None)
    except reads_away() as error:
        raise Away(PART_AWAY) from error
    return plan_of(name, found.to_dict() if found.exists else None)


def _reference(account: str) -> Any:
    return client().collection(QUOTAS).document(account)


def _ledger(snapshot: Any) -> Ledger:
    return msgspec.convert(snapshot.to_dict(), Ledger) if snapshot.exists else Ledger()
