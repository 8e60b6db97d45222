"""Gives each caller's allowance, sends what their shares ask, and has them give back in time."""

import functools
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from functions.kit.contract.access.accounts import FREEMIUM
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import WINDOW
from functions.kit.contract.access.plans import BUILT_IN, Plan
from functions.kit.contract.access.quotas import Ask
from functions.kit.contract.errors import Away, DomainError
from functions.kit.contract.ports import Ledgers
from functions.kit.service.allowances import Allowance
from functions.kit.service.bounded import UNBOUNDED, Bounded, is_bounded
from functions.kit.service.revalidating_cache import RevalidatingCache
from functions.kit.service.share import Share

log = structlog.get_logger()

# Seconds.
TICK = 0.05
"""Between two looks at what is to be given back."""
PLAN_AGE = 4.0
"""A plan that was changed holds everywhere after twice as long."""
PLAN_LOOK = 0.5
"""Between two looks at what is remembered of an account's plan."""
CLOSE_WITHIN = 2.0
"""What a process that ends may take to give back what it holds."""
MOST_ACCOUNTS = 10_000
SENDERS = 4


class Quotas:
    """The allowances of all accounts in this replica.

    Args:
        find_plan: name → plan, or None; raises Away.
        ledgers: what replicas share.
        monotonic: seconds that never go back.
        window: seconds of a window; other than a minute for tests alone.
    """

    def __init__(
        self,
        find_plan: Callable[[str], Plan | None],
        ledgers: Ledgers,
        monotonic: Callable[[], float] = time.monotonic,
        window: int = WINDOW,
    ) -> None:
        self._ledgers = ledgers
        self._clock = monotonic
        self._window = window
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="quotas")
        self._plans: RevalidatingCache[str, Plan] = RevalidatingCache(
            lambda name: plan_for(name, find_plan),
            away=(Away,),
            background=self._senders,
            clock=monotonic,
            revalidate_after=PLAN_AGE,
            max_age=2 * PLAN_AGE,
        )
        self._allowances: dict[str, Allowance] = {}
        self._lock = threading.Lock()
        self._keeper = Keeper()

    def of(self, caller: Caller) -> Bounded:
        """Return what `caller`'s account may have predicted; raises Away."""
        if not is_bounded(caller):
            return UNBOUNDED
        found = self._allowances.get(caller.account)
        now = self._clock()
        if found is None or found.plan.name != caller.plan or now >= found.fresh_until:
            found = self._renewed(caller.account, self._plans.get(caller.plan))
            found.fresh_until = now + PLAN_LOOK
        return found

    def is_holding(self) -> bool:
        """Tell whether there is anything to give back, or to ask what became of."""
        return self._keeper.is_busy()

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Give back what is unused, for the process ends; after so many seconds in any case.

        By then it takes no more calls.
        """
        if not self.is_holding():
            return
        # By a thread of its own: the senders take no more once the interpreter ends.
        last = threading.Thread(target=self._give_back, name="quotas-end", daemon=True)
        last.start()
        last.join(within)
        if last.is_alive():
            log.warning("quotas not given back in time")

    def _give_back(self) -> None:
        for account, allowance in list(self._allowances.items()):
            left = allowance.leave() if self._keeper.has(allowance) else None
            if left is not None:
                share, ask = left
                self._carry(account, ask, allowance, share)

    def _renewed(self, account: str, plan: Plan) -> Allowance:
        """Return the allowance of an account that has `plan` by now."""
        with self._lock:
            found = self._allowances.get(account)
            if found is None:
                self._make_room()
                new_share = functools.partial(self._share, account)
                found = Allowance(plan, new_share, self._clock, self._keeper.keep)
                self._allowances[account] = found
        if found.plan is not plan:
            found.follow(plan)
        return found

    def _share(self, account: str, of: Allowance, limit: int) -> Share:
        def send(ask: Ask) -> None:
            try:
                self._senders.submit(self._carry, account, ask, of, share)
            except RuntimeError:  # the process ends, and what it holds ends with its lease
                share.fail(self._clock())

        share = Share(os.urandom(8).hex(), limit, self._window, send)
        return share

    def _carry(self, account: str, ask: Ask, of: Allowance, share: Share) -> None:
        answer = None
        try:
            answer = self._ledgers.lease(account, ask)
        except DomainError as error:
            log.warning("quota not known", account=account, error=error.detail)
        except Exception:
            log.exception("quota not known", account=account)
            raise
        finally:
            of.take_answer(share, answer)

    def _make_room(self) -> None:
        if len(self._allowances) >= MOST_ACCOUNTS:
            # Whoever is forgotten begins with a share of another name, so nothing is given twice.
            held = self._allowances.items()
            self._allowances = {name: one for name, one in held if self._keeper.has(one)}


def plan_for(name: str, find: Callable[[str], Plan | None]) -> Plan:
    """Return the plan of an account that has one of this name; raises Away.

    Args:
        name: the plan's; where there is none any more, the account has the least there is.
        find: name → plan, or None.
    """
    found = find(name)
    if found is None:
        log.warning("no such plan", plan=name, instead=FREEMIUM)
        found = find(FREEMIUM)
    return found or BUILT_IN[FREEMIUM]


class Keeper:
    """Looks after allowances that have something to give back, in a thread of its own."""

    def __init__(self) -> None:
        self._kept: set[Allowance] = set()
        self._changed = threading.Condition()
        self._looking = threading.Lock()  # held while what is kept is in our hands
        self._thread: threading.Thread | None = None

    def keep(self, allowance: Allowance) -> None:
        """Look after an allowance until it has nothing to give back."""
        with self._changed:
            self._kept.add(allowance)
            self._changed.notify()
            if self._thread is None:
                # Made by the first call, for threads do not survive a fork.
                self._thread = threading.Thread(target=self._run, name="quota-keeper", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._kept:
                    self._changed.wait()
            time.sleep(TICK)
            self.look()

    def look(self) -> None:
        """Have everything given back that is due."""
        with self._looking:
            with self._changed:
                looked_at, self._kept = self._kept, set()
            for allowance in looked_at:
                if allowance.tend():
                    self.keep(allowance)

    def is_busy(self) -> bool:
        """Tell whether anything is being looked after."""
        with self._looking:
            return bool(self._kept)

    def has(self, allowance: Allowance) -> bool:
        """Tell whether an allowance is being looked after."""
        return allowance in self._kept
