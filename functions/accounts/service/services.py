"""All that callers can do with accounts, put together over the ports."""

from typing import NamedTuple

from functions.accounts.service.accounts import Accounts
from functions.accounts.service.administration import Administration
from functions.accounts.service.authentication.passwords import Passwords
from functions.accounts.service.authentication.sessions import Sessions
from functions.accounts.service.authentication.sign_in import SignIn
from functions.accounts.service.authentication.sign_up import SignUp
from functions.accounts.service.authentication.throttle import Throttle
from functions.accounts.service.membership.invitations import Invitations
from functions.accounts.service.membership.people import People
from functions.accounts.service.membership.workspaces import Workspaces
from functions.accounts.service.ports import Database, Hasher, Later, Mailer
from functions.accounts.service.post import Post
from functions.accounts.service.settings import SettingsService
from functions.accounts.service.sweeping import Sweeper
from functions.kit.contract.ports import Clock


class World(NamedTuple):
    """What the services need.

    Attributes:
        owner_email: of the account that a system begins with, until it is made.
        web_url: where the pages are that letters lead to.
        secret: makes tokens of repeated requests the same.
    """

    database: Database
    hasher: Hasher
    mailer: Mailer
    later: Later
    clock: Clock
    owner_email: str
    web_url: str
    secret: str


class Services(NamedTuple):
    """The services."""

    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn
    sign_up: SignUp
    passwords: Passwords
    workspaces: Workspaces
    people: People
    invitations: Invitations
    administration: Administration
    settings: SettingsService


def services(world: World) -> Services:
    """Return the services over what they need."""
    database, hasher, clock = world.database, world.hasher, world.clock
    accounts = Accounts(database, clock, world.owner_email)
    sessions = Sessions(database, Sweeper(database, world.later, clock), clock)
    throttle = Throttle(database, clock)
    settings, post = SettingsService(database), Post(world.mailer, world.later, world.web_url)
    common = (database, accounts, sessions)
    return Services(
        accounts=accounts,
        sessions=sessions,
        sign_in=SignIn(*common, throttle, hasher, clock),
        sign_up=SignUp(*common, settings, throttle, hasher, post, clock),
        passwords=Passwords(*common, throttle, hasher, post, clock),
        workspaces=Workspaces(database, accounts, clock),
        people=People(database, accounts, clock),
        invitations=Invitations(database, accounts, throttle, post, clock, world.secret),
        administration=Administration(database, accounts, hasher),
        settings=settings,
    )
