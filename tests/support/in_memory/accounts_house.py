"""The services of `accounts` over a memory of this process, with cheap hashes."""

import re
from typing import TYPE_CHECKING

from functions.accounts.adapters.argon2_hasher import Argon2Hasher, Cost
from functions.accounts.adapters.memory.database import MemoryDatabase
from functions.accounts.adapters.memory.mailer import MemoryMailer
from functions.accounts.model.views import AccountView, Signed
from functions.accounts.service.administration import AccountWish
from functions.accounts.service.authentication.sessions import Visitor
from functions.accounts.service.authentication.sign_up import Wish
from functions.accounts.service.services import World, services
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS
from functions.kit.contract.access.api_key import SESSIONS, digest
from functions.kit.contract.access.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

CHEAP = Cost(passes=1, memory=8, lanes=1)
PASSWORD = "a horse, a staple"
HERE, THERE = Visitor("Firefox", "192.0.2.1"), Visitor("curl", "198.51.100.7")
DAY = 86_400.0


class CountingHasher(Argon2Hasher):
    """Counts what it verified and hashed: the work that an attacker could time."""

    def __init__(self) -> None:
        super().__init__(CHEAP)
        self.work: list[str] = []

    def hash(self, password: str) -> str:
        self.work.append("hash")
        return super().hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        self.work.append("verify")
        return super().verify(stored, password)


class House:
    """The services, and what they are over."""

    def __init__(self, *, confirms: bool = False) -> None:
        self.clock, self.database = ManualClock(), MemoryDatabase()
        self.hasher, self.mailer = CountingHasher(), MemoryMailer(confirms=confirms)
        self.later: list[Callable[[], None]] = []
        world = World(
            database=self.database,
            hasher=self.hasher,
            mailer=self.mailer,
            later=self.later.append,
            clock=self.clock,
            owner_email="owner@localhost",
            web_url="http://pages",
            secret="the secret of the tests",
        )
        self.services = services(world)
        self.hasher.verify(None, "")  # makes the hash that stands for nobody's, once a process

    def account(self, email: str = "ann@example.org", password: str = PASSWORD) -> AccountView:
        """Make an account with a workspace of its own."""
        name = email.partition("@")[0]
        wish = AccountWish(email=email, name=name, password=password)
        return self.services.administration.make(wish, None)

    def sign_up(self, wish: Wish) -> Signed:
        """Sign somebody up who is let in at once."""
        signed = self.services.sign_up.sign_up(wish, HERE)
        assert signed is not None
        return signed

    def sign_in(self, email: str, password: str = PASSWORD, visitor: Visitor = HERE) -> Signed:
        """Sign somebody in."""
        return self.services.sign_in.by_password(email, password, visitor)

    def identity(self, credential: str) -> Identity | None:
        """Return who a session is, as every function finds it."""
        session = self.database.get(f"{SESSIONS}/{digest(credential)}")
        if session is None:
            return None
        account = self.database.get(f"{ACCOUNTS}/{session['account']}")
        found = accounts.read_account(account) if account else None
        return accounts.of_session(accounts.read_session(session), found)

    def deliver(self) -> None:
        """Do what was to be done after the answer, and what that leads to."""
        while self.later:
            self.later.pop(0)()

    def token_in_mail(self, to: str) -> str:
        """Return the token in the newest mail to an address."""
        self.deliver()
        newest = [mail for mail in self.mailer.sent if mail.to == to][-1]
        [token] = re.findall(r"token=(\S+)", newest.text)
        return token
