"""A replica with callers of its own, as a process that may be killed.

    python -m tests.support.quota_replica ACCOUNT LIMIT WINDOW CALLERS

Its output has a line for each row that was predicted: when that was allowed, in Unix seconds. It
ends when its input does.
"""

import os
import random
import sys
import threading
import time

from functions.kit.adapters.access.firestore_quotas import FirestoreLedgers
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.plans import Plan
from functions.kit.contract.errors import Away
from functions.kit.service.quotas import Quotas

_looked = threading.local()


def clock() -> float:
    """Return seconds that never go back, and keep what the wall clock showed then."""
    while True:
        before, now, after = time.time(), time.monotonic(), time.time()
        if after - before < 0.001:
            _looked.at = before
            return now


def predict() -> None:
    """Write when this was allowed: the last look at the clock was that of the share."""
    os.write(1, f"{_looked.at}\n".encode())


def call(quotas: Quotas, caller: Caller, ended: threading.Event) -> None:
    """Call again and again."""
    while not ended.wait(random.uniform(0.005, 0.05)):
        try:
            quotas.of(caller).counted(1, predict)
        except (OverQuota, Away):
            continue


def main(account: str, limit: int, window: int, callers: int) -> None:
    """Have callers call until the input ends."""
    plan = Plan(name="real", predictions_per_minute=limit)
    quotas = Quotas(lambda _: plan, FirestoreLedgers(), clock, window)
    caller = Caller(name=account, kind="key", account=account, plan="real")
    ended = threading.Event()
    threads = [threading.Thread(target=call, args=(quotas, caller, ended)) for _ in range(callers)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    ended.set()
    for thread in threads:
        thread.join()
    while quotas.is_holding():
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
