"""Sign-in slowed: by address, and by account for addresses that it is not known to come from.

Everything is decided in one transaction before a password is looked at, so that the bounds hold
over all replicas, and for an account that is not there as for one that is. An attacker who spends
all of an account's tries from elsewhere keeps nobody out who has signed in from where they are now:
a known address has tries of its own. For the rest time alone forgives.
"""

import datetime as dt
import hashlib
import math
from typing import Any

import msgspec

from functions.accounts.model import documents
from functions.accounts.model.emails import email_key
from functions.accounts.model.refusals import Slowed
from functions.accounts.model.throttling import Rate, spend, wait
from functions.accounts.service.ports import Database, Transaction
from functions.kit.contract.ports import Clock

THROTTLES = "throttles"
ADDRESS = Rate(30, 10.0)
"""Of one address, for whatever accounts."""
ELSEWHERE = Rate(10, 60.0)
"""For one account, from all addresses that it is not known to come from."""
KNOWN = Rate(10, 30.0)
"""For one account, from one address that it has signed in from."""
LETTERS = Rate(3, 600.0)
"""Of mails to one address."""
KNOWN_FOR = 90 * 86_400.0  # seconds since it last did
MOST_KNOWN = 20
_IDLE = dt.timedelta(days=91)


class _Known(msgspec.Struct, frozen=True):
    full_at: float
    seen: float


class _Spent(msgspec.Struct, kw_only=True):
    """What is kept of an account, or of an address (`full_at` alone); Unix seconds."""

    full_at: float = 0.0
    known: dict[str, _Known] = {}


class Throttle:
    """Counts attempts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def attempt(self, email: str, address: str) -> None:
        """Count an attempt to be who `email` is; raises Slowed, and counts nothing then."""

        def work(transaction: Transaction) -> None:
            now = self._clock.now().timestamp()
            account, place = (
                _read(transaction, _account(email)),
                _read(transaction, _place(address)),
            )
            known = _live(account, now).get(_name(address))
            rate, full_at = (KNOWN, known.full_at) if known else (ELSEWHERE, account.full_at)
            _check(max(wait(rate, full_at, now), wait(ADDRESS, place.full_at, now)))
            if known:
                spent = _Known(spend(rate, full_at, now), known.seen)
                account.known[_name(address)] = spent
            else:
                account.full_at = spend(rate, full_at, now)
            place.full_at = spend(ADDRESS, place.full_at, now)
            self._write(transaction, _account(email), account)
            self._write(transaction, _place(address), place)

        self._database.transact(work)

    def visit(self, address: str) -> None:
        """Count an attempt that is about no account yet; raises Slowed."""
        self.check(ADDRESS, address)

    def take(self, rate: Rate, what: str) -> bool:
        """Tell whether something of this name may be done now, and count it if so."""
        return self._take(rate, what) == 0

    def check(self, rate: Rate, what: str) -> None:
        """Count something of this name; raises Slowed, and counts nothing then."""
        _check(self._take(rate, what))

    def _take(self, rate: Rate, what: str) -> float:
        def work(transaction: Transaction) -> float:
            now, path = self._clock.now().timestamp(), f"{THROTTLES}/{_name(what)}"
            kept = _read(transaction, path)
            seconds = wait(rate, kept.full_at, now)
            if seconds == 0:
                kept.full_at = spend(rate, kept.full_at, now)
                self._write(transaction, path, kept)
            return seconds

        return self._database.transact(work)

    def succeed(self, email: str, address: str) -> None:
        """Give back the attempt that was right, and know the address from now on."""

        def work(transaction: Transaction) -> None:
            place = _read(transaction, _place(address))
            self._know(transaction, email, address)
            place.full_at -= ADDRESS.every
            self._write(transaction, _place(address), place)

        self._database.transact(work)

    def know(self, email: str, address: str) -> None:
        """Know from now on that an account comes from an address, by other means than tries."""
        self._database.transact(lambda transaction: self._know(transaction, email, address))

    def _know(self, transaction: Transaction, email: str, address: str) -> None:
        now, account = self._clock.now().timestamp(), _read(transaction, _account(email))
        live = _live(account, now) | {_name(address): _Known(now, now)}
        newest = sorted(live.items(), key=lambda item: item[1].seen, reverse=True)
        account.known = dict(newest[:MOST_KNOWN])
        self._write(transaction, _account(email), account)

    def _write(self, transaction: Transaction, path: str, spent: _Spent) -> None:
        # Nothing is in it then that still counts.
        expires = {"expires_at": self._clock.now() + _IDLE}
        transaction.set(path, documents.document_of(spent) | expires)


def _read(transaction: Transaction, path: str) -> _Spent:
    found: dict[str, Any] | None = transaction.get(path)
    return documents.read(_Spent, found) if found else _Spent()


def _live(account: _Spent, now: float) -> dict[str, _Known]:
    return {name: one for name, one in account.known.items() if now - one.seen < KNOWN_FOR}


def _check(seconds: float) -> None:
    if seconds > 0:
        after = math.ceil(seconds)
        raise Slowed(f"There were too many attempts; try again in {after} s.", after)


def _account(email: str) -> str:
    # Whoever signs in writes the e-mail: no text of theirs may name what else is counted here.
    return f"{THROTTLES}/{_name(f'tries to be {email_key(email)}')}"


def _place(address: str) -> str:
    return f"{THROTTLES}/{_name(address)}"


def _name(text: str) -> str:
    return hashlib.sha256(f"of {text}".encode()).hexdigest()
